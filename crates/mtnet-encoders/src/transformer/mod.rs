//! The one transformer that every BERT-like family is an instance of.

mod embeddings;
mod layer;
mod model;
mod spec;

pub use model::Transformer;
pub use spec::TransformerSpec;
