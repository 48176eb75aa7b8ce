//! The one transformer that every BERT-like family is an instance of.

mod embeddings;
mod fused;
mod layer;
mod model;
mod spec;

pub use model::Transformer;
pub use spec::TransformerSpec;
