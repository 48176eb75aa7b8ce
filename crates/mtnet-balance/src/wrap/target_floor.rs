//! A floor for the task that matters: its share of the weights never falls below it.
//!
//! Where the share `w_t / Σ w_i` is below the floor, the target's weight is raised to it
//! and the others are scaled down, so that `Σ w_i` stays. Steps without the target, and
//! weights whose sum is not positive, are left as they are.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{StepInput, Wrapper};
use crate::position::task_position;
use crate::settings::fraction;
use crate::{BalanceError, TaskInfo, TaskWeights};

const NAME: &str = "target-floor";

/// Settings of [`TargetFloor`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TargetFloorConfig {
    /// Name of the target task.
    pub task: String,
    /// Least share of the weights that it has, 0 to 1.
    pub share: f64,
}

/// Keeps the share of one task at or above a floor.
#[derive(Clone, Debug, PartialEq)]
pub struct TargetFloor {
    task: usize,
    share: f64,
}

impl TargetFloor {
    /// For these tasks.
    ///
    /// # Errors
    /// [`BalanceError::Setting`] or [`BalanceError::UnknownTask`].
    pub fn new(config: &TargetFloorConfig, tasks: &[TaskInfo]) -> Result<Self, BalanceError> {
        Ok(Self {
            task: task_position(tasks, &config.task, "balance.wrap.target-floor.task")?,
            share: fraction(NAME, "share", config.share)?,
        })
    }
}

impl Wrapper for TargetFloor {
    fn name(&self) -> &'static str {
        NAME
    }

    fn after(
        &mut self,
        input: &StepInput<'_>,
        weights: TaskWeights,
    ) -> Result<TaskWeights, BalanceError> {
        let sum = weights.sum();
        let (Some(target), true) = (weights.get(self.task), sum > 0.0) else {
            return Ok(weights);
        };
        let raised = self.share * sum;
        let others = sum - target;
        if target >= raised || others <= 0.0 {
            return Ok(weights);
        }
        let factor = (sum - raised) / others;
        TaskWeights::linear(NAME, &input.losses, |task, _| {
            if task == self.task {
                raised
            } else {
                factor * weights.get(task).unwrap_or(0.0)
            }
        })
    }
}
