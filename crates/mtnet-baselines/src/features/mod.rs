//! From texts to sparse rows.

mod analyzer;
mod sparse;
mod text;
mod tf_idf;

pub use analyzer::Analyzer;
pub use sparse::SparseRows;
pub use text::TextFeatures;
pub use tf_idf::{TfIdf, TfIdfOptions};
