//! Fixed weights: `total = Σ c_i L_i` with constants from the run file.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::LossWeighting;
use crate::settings::{by_task, not_negative};
use crate::{BalanceError, TaskInfo, TaskLosses, TaskWeights};

const NAME: &str = "fixed";

/// Settings of [`FixedWeighting`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FixedConfig {
    /// Weight of each task by its name, 0 or above; a task not named here has 1.
    pub weights: BTreeMap<String, f64>,
}

/// Constant weights, by task.
#[derive(Clone, Debug, PartialEq)]
pub struct FixedWeighting {
    weights: Vec<f64>,
}

impl FixedWeighting {
    /// Looks the named weights up among `tasks`.
    ///
    /// # Errors
    /// [`BalanceError::UnknownTask`] for a name that no task has, and
    /// [`BalanceError::Setting`] for a weight that is negative or not finite, or if
    /// all weights are 0.
    pub fn new(config: &FixedConfig, tasks: &[TaskInfo]) -> Result<Self, BalanceError> {
        let weights = by_task(NAME, "weights", tasks, &config.weights, 1.0, not_negative)?;
        if weights.iter().all(|&weight| weight == 0.0) {
            return Err(BalanceError::Setting {
                method: NAME,
                setting: "weights",
                found: "0 for every task".to_owned(),
                expected: "at least one weight above 0",
            });
        }
        Ok(Self { weights })
    }
}

impl LossWeighting for FixedWeighting {
    fn name(&self) -> &'static str {
        NAME
    }

    fn weigh(&mut self, losses: &TaskLosses) -> Result<TaskWeights, BalanceError> {
        losses.check_count(self.weights.len())?;
        TaskWeights::linear(NAME, losses, |task, _| self.weights[task])
    }
}
