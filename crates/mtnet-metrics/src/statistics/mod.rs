//! How sure a score is: intervals of means over seeds and of differences over examples.

mod beta;
mod bootstrap;
mod draws;
mod estimate;
mod student;

pub use bootstrap::Bootstrap;
pub use estimate::Estimate;
pub use student::{student_interval, student_quantile};
