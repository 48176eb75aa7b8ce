//! Folders in the layout of the Hugging Face hub.

mod card;
mod classifier;
mod folder;

pub use card::imported_card;
pub(crate) use classifier::ClassifierNames;
pub use folder::{export_encoder, export_task};
