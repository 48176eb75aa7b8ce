//! Folders with a published or saved encoder, in Hugging Face layout.

mod folder;
mod names;
mod pooling;
mod weights;

pub use folder::PretrainedFolder;
pub use weights::PretrainedWeights;
