//! A comparison of methods on the same tasks over seeds, as `mtnet compare` leaves it.

mod advice;
mod file;
mod model;

pub use advice::{Advice, Proposal, Tried};
pub use model::{
    Cell, ComparedMethod, ComparedTask, Comparison, Gain, Interval, MethodDelta, Verdict,
};
