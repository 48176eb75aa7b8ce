//! A comparison of methods on the same tasks over seeds, as `mtnet compare` leaves it.

mod file;
mod model;

pub use model::{
    Cell, ComparedMethod, ComparedTask, Comparison, Gain, Interval, MethodDelta, Verdict,
};
