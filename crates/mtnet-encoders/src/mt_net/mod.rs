//! MT-Net: embeddings and shared fully connected layers over a window of neighbours.

mod config;
mod model;

pub(crate) use config::MODEL_TYPE;
pub use config::MtNetConfig;
pub use model::MtNet;
