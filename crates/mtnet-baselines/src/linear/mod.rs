//! Linear models over sparse rows.

mod lbfgs;
mod model;

pub use model::{LinearModel, LinearOptions, Link};
