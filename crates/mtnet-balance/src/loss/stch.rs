//! STCH, smooth Tchebycheff scalarisation: `total = μ ln Σ exp(λ_i (L_i − z_i) / μ)`.
//!
//! Lin et al., "Smooth Tchebycheff Scalarization for Multi-Objective Optimization",
//! ICML 2024, eq. 10 (<https://arxiv.org/abs/2402.19078>): a smooth maximum of the
//! weighted losses above the ideal point `z`; hence `w_i = λ_i softmax_i`. Small `μ`
//! comes close to the maximum and makes training noisy. [`StchLogWeighting`](super::StchLogWeighting) is
//! the variant that the authors train networks with.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::LossWeighting;
use crate::numeric::{log_sum_exp, softmax};
use crate::settings::{by_task, finite, positive};
use crate::{BalanceError, TaskInfo, TaskLosses, TaskWeights};

const NAME: &str = "stch";

/// Settings of [`StchWeighting`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct StchConfig {
    /// Smoothing `μ`, in the unit of the weighted losses. Default 1.
    pub mu: f64,
    /// Preference `λ` by task name; a task not named has 1 over the number of tasks.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub weights: BTreeMap<String, f64>,
    /// Best loss `z` that a task could reach, by task name. Default 0.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub reference: BTreeMap<String, f64>,
}

impl Default for StchConfig {
    fn default() -> Self {
        Self {
            mu: 1.0,
            weights: BTreeMap::new(),
            reference: BTreeMap::new(),
        }
    }
}

/// A smooth maximum of the losses.
#[derive(Clone, Debug, PartialEq)]
pub struct StchWeighting {
    mu: f64,
    weights: Vec<f64>,
    reference: Vec<f64>,
}

impl StchWeighting {
    /// For these tasks.
    ///
    /// # Errors
    /// [`BalanceError::Setting`] or [`BalanceError::UnknownTask`].
    pub fn new(config: &StchConfig, tasks: &[TaskInfo]) -> Result<Self, BalanceError> {
        let mu = positive(NAME, "mu", config.mu)?;
        let (table, ideal) = (&config.weights, &config.reference);
        let even = 1.0 / tasks.len() as f64;
        Ok(Self {
            mu,
            weights: by_task(NAME, "weights", tasks, table, even, positive)?,
            reference: by_task(NAME, "reference", tasks, ideal, 0.0, finite)?,
        })
    }
}

impl LossWeighting for StchWeighting {
    fn name(&self) -> &'static str {
        NAME
    }

    fn weigh(&mut self, losses: &TaskLosses) -> Result<TaskWeights, BalanceError> {
        losses.check_count(self.weights.len())?;
        let scores: Vec<f64> = losses
            .present()
            .map(|(task, loss)| self.weights[task] * (loss - self.reference[task]) / self.mu)
            .collect();
        if scores.is_empty() {
            return TaskWeights::of_present(NAME, losses, &[]);
        }
        let weights: Vec<f64> = losses
            .present()
            .zip(softmax(&scores))
            .map(|((task, _), share)| self.weights[task] * share)
            .collect();
        let total = self.mu * log_sum_exp(&scores);
        TaskWeights::of_present_with_total(NAME, losses, &weights, total)
    }
}
