//! PBI, penalty-based boundary intersection: `total = d_1 + θ d_2`.
//!
//! Zhang and Li, "MOEA/D", IEEE Transactions on Evolutionary Computation 2007, §III.
//! With `f = L − z` and `ŵ` the preference at unit length, `d_1 = f·ŵ` is the way
//! along the preference and `d_2 = ‖f − d_1 ŵ‖` the distance from it; hence
//! `w = ŵ + θ (f − d_1 ŵ) / d_2`. As in TorchJD, `d_2 = √(‖…‖² + 1e-12)`, which
//! gives it a gradient at 0.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::LossWeighting;
use crate::numeric::{dot, norm};
use crate::settings::{by_task, finite, not_negative, positive};
use crate::{BalanceError, TaskInfo, TaskLosses, TaskWeights};

const NAME: &str = "pbi";
const SMOOTHING: f64 = 1e-12;

/// Settings of [`PbiWeighting`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct PbiConfig {
    /// Weight `θ` of the distance from the preference. Default 5, as in the paper.
    pub theta: f64,
    /// Preference by task name; a task not named has 1.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub weights: BTreeMap<String, f64>,
    /// Best loss `z` that a task could reach, by task name. Default 0.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub reference: BTreeMap<String, f64>,
}

impl Default for PbiConfig {
    fn default() -> Self {
        Self {
            theta: 5.0,
            weights: BTreeMap::new(),
            reference: BTreeMap::new(),
        }
    }
}

/// Way along a preference direction plus distance from it.
#[derive(Clone, Debug, PartialEq)]
pub struct PbiWeighting {
    theta: f64,
    weights: Vec<f64>,
    reference: Vec<f64>,
}

impl PbiWeighting {
    /// For these tasks.
    ///
    /// # Errors
    /// [`BalanceError::Setting`] or [`BalanceError::UnknownTask`].
    pub fn new(config: &PbiConfig, tasks: &[TaskInfo]) -> Result<Self, BalanceError> {
        let theta = not_negative(NAME, "theta", config.theta)?;
        let (table, ideal) = (&config.weights, &config.reference);
        Ok(Self {
            theta,
            weights: by_task(NAME, "weights", tasks, table, 1.0, positive)?,
            reference: by_task(NAME, "reference", tasks, ideal, 0.0, finite)?,
        })
    }
}

impl LossWeighting for PbiWeighting {
    fn name(&self) -> &'static str {
        NAME
    }

    fn weigh(&mut self, losses: &TaskLosses) -> Result<TaskWeights, BalanceError> {
        losses.check_count(self.weights.len())?;
        if losses.present_count() == 0 {
            return TaskWeights::of_present(NAME, losses, &[]);
        }
        let (preference, above): (Vec<f64>, Vec<f64>) = losses
            .present()
            .map(|(task, loss)| (self.weights[task], loss - self.reference[task]))
            .unzip();
        let length = norm(&preference);
        let direction: Vec<f64> = preference.iter().map(|w| w / length).collect();
        let along = dot(&above, &direction);
        let aside: Vec<f64> = above
            .iter()
            .zip(&direction)
            .map(|(f, d)| f - along * d)
            .collect();
        let distance = (dot(&aside, &aside) + SMOOTHING).sqrt();
        let weights: Vec<f64> = direction
            .iter()
            .zip(&aside)
            .map(|(d, a)| d + self.theta * a / distance)
            .collect();
        let total = along + self.theta * distance;
        TaskWeights::of_present_with_total(NAME, losses, &weights, total)
    }
}
