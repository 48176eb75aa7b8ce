//! The one transformer that every BERT-like family is an instance of.

mod embeddings;
mod fused;
mod fused_pass;
mod layer;
mod model;
mod spec;
mod tensors;

pub use model::Transformer;
pub use spec::TransformerSpec;
