//! Few-shot curves: what the shared encoder is worth to a new task, by the number of its examples.
//!
//! Both sides of a curve learn the task alone: from the multi-task encoder, and from the plain one
//! that its own run started from. Of a size and a seed they get the same examples, drawn so that
//! labels take turns (a smaller draw is a part of a larger one), the same steps, batches and rates,
//! and are selected on the same development data after the same steps. Gains come with a paired
//! bootstrap interval over test examples and seeds ([`mtnet_metrics::Bootstrap`]).

mod arms;
mod curve;
mod judge;
mod markdown;
mod options;
mod report;

pub use curve::few_shot;
pub use options::{FewShotOptions, Size};
pub use report::{FewShotPoint, FewShotReport, FewShotTask};
