//! COSMOS: `total = Σ r_i L_i − λ cos(r, L)`, which keeps the losses in the ratio of a preference.
//!
//! Ruchte and Grabocka, "Scalable Pareto Front Approximation for Deep
//! Multi-Objective Learning", ICDM 2021, eq. 6. Hence
//! `w_i = r_i − λ (r_i − (r·L) L_i / ‖L‖²) / (‖r‖ ‖L‖)`. Where all losses are 0 the
//! angle is undefined and its term is left out.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::LossWeighting;
use crate::numeric::{dot, norm};
use crate::settings::{by_task, not_negative, positive};
use crate::{BalanceError, TaskInfo, TaskLosses, TaskWeights};

const NAME: &str = "cosmos";

/// Settings of [`CosmosWeighting`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CosmosConfig {
    /// Weight `λ` of the angle between losses and preference; the paper uses 0.01 to 8.
    pub lambda: f64,
    /// Preference `r` by task name; a task not named has 1.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub weights: BTreeMap<String, f64>,
}

/// Weighted losses with a penalty on their angle to the preference.
#[derive(Clone, Debug, PartialEq)]
pub struct CosmosWeighting {
    lambda: f64,
    weights: Vec<f64>,
}

impl CosmosWeighting {
    /// For these tasks.
    ///
    /// # Errors
    /// [`BalanceError::Setting`] or [`BalanceError::UnknownTask`].
    pub fn new(config: &CosmosConfig, tasks: &[TaskInfo]) -> Result<Self, BalanceError> {
        let lambda = not_negative(NAME, "lambda", config.lambda)?;
        let table = &config.weights;
        Ok(Self {
            lambda,
            weights: by_task(NAME, "weights", tasks, table, 1.0, positive)?,
        })
    }
}

impl LossWeighting for CosmosWeighting {
    fn name(&self) -> &'static str {
        NAME
    }

    fn weigh(&mut self, losses: &TaskLosses) -> Result<TaskWeights, BalanceError> {
        losses.check_count(self.weights.len())?;
        let values = losses.present_values();
        let preference: Vec<f64> = losses
            .present()
            .map(|(task, _)| self.weights[task])
            .collect();
        let product = dot(&preference, &values);
        let lengths = norm(&preference) * norm(&values);
        let squared = dot(&values, &values);
        if lengths == 0.0 || squared == 0.0 {
            return TaskWeights::of_present(NAME, losses, &preference);
        }
        let weights: Vec<f64> = preference
            .iter()
            .zip(&values)
            .map(|(r, loss)| r - self.lambda * (r - product * loss / squared) / lengths)
            .collect();
        let total = product - self.lambda * product / lengths;
        TaskWeights::of_present_with_total(NAME, losses, &weights, total)
    }
}
