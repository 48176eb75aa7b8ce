//! Transformations: what makes candidates of a text. One file a kind.

mod characters;
mod config;
mod deletion;
mod gradient;
mod invariance;
mod kind;
mod synonyms;
mod vocabulary;

pub use config::TransformationConfig;
pub use invariance::Invariance;
pub(crate) use kind::{Request, Transformation};
pub use synonyms::SynonymTable;
