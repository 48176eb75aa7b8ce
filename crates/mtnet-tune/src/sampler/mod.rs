//! What to try next: a function of the seed and of the trials before.

mod generator;
mod propose;
mod random;
mod tree_parzen;

pub use propose::{Observation, propose};
