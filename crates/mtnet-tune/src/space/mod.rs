//! What is searched: dimensions, each a setting with its values.

mod check;
mod dimension;
mod product;

pub(crate) use check::{Probe, check};
pub use dimension::{Dimension, Range, Values};
pub use product::Space;
