//! What to do where a task loses by sharing: proposals that the evidence of the finished runs
//! supports, and their trial.
//!
//! A task *loses* where the interval of its gain over single-task models lies below zero, or where
//! its mean gain is below −0.5 points (for metrics that are counted in points). For such tasks the
//! runs that the comparison has trained are asked for evidence:
//!
//! | evidence | proposal |
//! |---|---|
//! | its gradient opposes that of another task in at least half of the looks | `balance.method = "upgrad"`, whose steps raise no task's loss to first order |
//! | another task's gradient is at least four times as long | `balance.method = "db-mtl"`, which gives all tasks an equal pull |
//! | steps for other tasks raise its loss, and a grouping apart is worth more (`mtnet affinity`) | a model for each group |
//! | its development score was best at the last evaluation, or its examples were seen less than twice | twice its share of an epoch |
//! | its single-task models are better on development data | distillation of all single-task models |
//!
//! The *support* of a proposal is the share of observations (seeds, looks at gradients, tasks) that
//! speak for it, and orders the trials. Which proposal is chosen is decided on the development data
//! alone; the test data is reported.

mod advise;
mod balancing;
mod candidate;
mod deadline;
mod distillation;
mod evidence;
mod sampling;
mod split;
mod trial;
mod words;

mod report;

pub(crate) use advise::advise;
pub use report::{Advice, LeftOut, Losing, Proposal, Trial, Tried};
