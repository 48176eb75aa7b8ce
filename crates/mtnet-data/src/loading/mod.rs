//! From encoded texts to packed batches, prepared ahead on another thread.

mod batches;
mod corpus;
mod loader;
mod plan;
mod prefetch;

pub use batches::{BatchSize, sequential_batches};
pub use corpus::Corpus;
pub use loader::{LoadedBatch, Loader, LoaderPosition};
pub use plan::EpochPlan;
pub use prefetch::Prefetch;
