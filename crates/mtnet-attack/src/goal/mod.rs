//! Goals: when an answer is broken, and how near a text comes to that.

mod class;
mod config;
mod multi_label;
mod numbers;
mod reduction;
mod tags;
mod targeted;
#[cfg(test)]
mod tests;
mod verdict;

pub use config::{GoalConfig, TaggingMeasure};
pub use verdict::Verdict;
pub(crate) use verdict::{Goal, Steer};
