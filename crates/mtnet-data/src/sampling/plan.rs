//! What a sampler does to each task, told before training.

use std::collections::BTreeMap;

use mtnet_core::TaskName;
use serde::Serialize;

use super::{SamplerConfig, SamplingGroup, epoch_draws};

/// How often a task is drawn in an epoch.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct TaskDraws {
    /// Examples that have a target for the task.
    pub available: usize,
    /// Draws an epoch that have one, on average over epochs.
    pub drawn: f64,
    /// How often each of them is drawn an epoch: `drawn / available`.
    pub repeats: f64,
}

/// The draws of every task in an epoch (from 0) of `epochs`.
pub fn task_draws(
    groups: &[SamplingGroup],
    config: &SamplerConfig,
    epoch: usize,
    epochs: usize,
) -> BTreeMap<TaskName, TaskDraws> {
    let draws = epoch_draws(groups, config, epoch, epochs);
    groups
        .iter()
        .zip(draws)
        .flat_map(|(group, drawn)| {
            let repeats = drawn as f64 / group.examples.len() as f64;
            group.tasks.iter().map(move |(task, &available)| {
                let draws = TaskDraws {
                    available,
                    drawn: available as f64 * repeats,
                    repeats,
                };
                (task.clone(), draws)
            })
        })
        .collect()
}
