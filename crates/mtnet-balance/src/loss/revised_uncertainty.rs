//! Uncertainty with a positive regulariser: `total = Σ [ L_i / (2 σ_i²) + ln(1 + σ_i²) ]`.
//!
//! Liebel and Körner, "Auxiliary Tasks in Multi-task Learning", 2018, eq. 4
//! (<https://arxiv.org/abs/1805.06334>): `ln(1 + σ²)` in place of `ln σ²` keeps the
//! total above zero. The parameter learned here is `s = ln σ²`, which keeps `σ²`
//! positive; the paper leaves the parametrisation open.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::LossWeighting;
use super::learned::Learned;
use crate::{BalanceError, BalanceState, OptimizerKind, TaskLosses, TaskWeights};

const NAME: &str = "revised-uncertainty";

/// Settings of [`RevisedUncertaintyWeighting`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct RevisedUncertaintyConfig {
    /// `s = ln σ²` of every task before the first step. Default 0.
    pub initial_log_variance: f64,
    /// Rule by which the log variances are learned. Default `adam`.
    pub optimizer: OptimizerKind,
    /// Step size of the log variances. Default 0.01.
    pub learning_rate: f64,
}

impl Default for RevisedUncertaintyConfig {
    fn default() -> Self {
        Self {
            initial_log_variance: 0.0,
            optimizer: OptimizerKind::Adam,
            learning_rate: 0.01,
        }
    }
}

/// Weights from one learned variance a task, with a total that stays positive.
#[derive(Clone, Debug, PartialEq)]
pub struct RevisedUncertaintyWeighting {
    log_variances: Learned,
}

impl RevisedUncertaintyWeighting {
    /// Variances of `tasks` tasks at their initial value.
    ///
    /// # Errors
    /// [`BalanceError::Setting`] for a learning rate that is not above 0.
    pub fn new(config: &RevisedUncertaintyConfig, tasks: usize) -> Result<Self, BalanceError> {
        let rule = (config.optimizer, config.learning_rate);
        let initial = ("initial_log_variance", config.initial_log_variance);
        Ok(Self {
            log_variances: Learned::new(NAME, "log_variances", initial, rule, tasks)?,
        })
    }

    /// The learned `s_i = ln σ_i²`, one a task.
    pub fn log_variances(&self) -> &[f64] {
        &self.log_variances.values
    }
}

impl LossWeighting for RevisedUncertaintyWeighting {
    fn name(&self) -> &'static str {
        NAME
    }

    fn weigh(&mut self, losses: &TaskLosses) -> Result<TaskWeights, BalanceError> {
        losses.check_count(self.log_variances.values.len())?;
        let mut weights = vec![None; losses.len()];
        let mut gradient = vec![None; losses.len()];
        let mut total = 0.0;
        for (task, loss) in losses.present() {
            let log_variance = self.log_variances.values[task];
            let weight = 0.5 * (-log_variance).exp();
            weights[task] = Some(weight);
            // d ln(1 + e^s) / ds = 1 / (1 + e^{-s})
            gradient[task] = Some(1.0 / (1.0 + (-log_variance).exp()) - weight * loss);
            total += weight * loss + log_variance.exp().ln_1p();
        }
        let weights = TaskWeights::new(NAME, weights, total)?;
        self.log_variances.step(&gradient);
        Ok(weights)
    }

    fn state(&self) -> BalanceState {
        self.log_variances.state()
    }

    fn restore(&mut self, state: BalanceState) -> Result<(), BalanceError> {
        self.log_variances.restore(state)
    }
}
