//! Word vectors: their files, and embeddings that start from them.

mod binary;
mod folder;
mod initial;
mod problem;
mod text;
mod vectors;

pub use initial::InitialRows;
pub use problem::WordVectorsProblem;
pub use vectors::WordVectors;
