//! From texts to answers: admission, tokens, a bounded queue, and a thread that runs batches.

mod admission;
mod job;
mod queue;
mod worker;

pub use admission::Engine;
pub(crate) use admission::{Answered, MakesInputs};
pub use job::{Done, Refusal};
