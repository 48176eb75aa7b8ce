//! Folders with a published or saved encoder, in Hugging Face layout.

mod folder;
mod foreign;
mod names;
mod pooling;
mod weights;

pub use folder::PretrainedFolder;
pub use foreign::foreign_format;
pub use weights::PretrainedWeights;
