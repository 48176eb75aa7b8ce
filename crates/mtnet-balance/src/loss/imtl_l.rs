//! IMTL-L, impartial losses: `total = Σ [ e^{s_i} L_i − s_i ]`, `s_i` learned.
//!
//! Liu et al., "Towards Impartial Multi-task Learning", ICLR 2021, §3.2. At the
//! optimum of `s` every scaled loss `e^{s_i} L_i` is 1. It is twice the total of
//! [`UncertaintyWeighting`](super::UncertaintyWeighting) with `s → −s`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::LossWeighting;
use super::learned::Learned;
use crate::{BalanceError, BalanceState, OptimizerKind, TaskLosses, TaskWeights};

const NAME: &str = "imtl-l";

/// Settings of [`ImtlLWeighting`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ImtlLConfig {
    /// `s` of every task before the first step. Default 0 (weight 1).
    pub initial_log_scale: f64,
    /// Rule by which the log scales are learned. Default `adam`.
    pub optimizer: OptimizerKind,
    /// Step size of the log scales. Default 0.01.
    pub learning_rate: f64,
}

impl Default for ImtlLConfig {
    fn default() -> Self {
        Self {
            initial_log_scale: 0.0,
            optimizer: OptimizerKind::Adam,
            learning_rate: 0.01,
        }
    }
}

/// Weights from one learned scale a task.
#[derive(Clone, Debug, PartialEq)]
pub struct ImtlLWeighting {
    log_scales: Learned,
}

impl ImtlLWeighting {
    /// Scales of `tasks` tasks at their initial value.
    ///
    /// # Errors
    /// [`BalanceError::Setting`] for a learning rate that is not above 0.
    pub fn new(config: &ImtlLConfig, tasks: usize) -> Result<Self, BalanceError> {
        let rule = (config.optimizer, config.learning_rate);
        let initial = ("initial_log_scale", config.initial_log_scale);
        Ok(Self {
            log_scales: Learned::new(NAME, "log_scales", initial, rule, tasks)?,
        })
    }

    /// The learned `s_i`, one a task.
    pub fn log_scales(&self) -> &[f64] {
        &self.log_scales.values
    }
}

impl LossWeighting for ImtlLWeighting {
    fn name(&self) -> &'static str {
        NAME
    }

    fn weigh(&mut self, losses: &TaskLosses) -> Result<TaskWeights, BalanceError> {
        losses.check_count(self.log_scales.values.len())?;
        let mut weights = vec![None; losses.len()];
        let mut gradient = vec![None; losses.len()];
        let mut total = 0.0;
        for (task, loss) in losses.present() {
            let log_scale = self.log_scales.values[task];
            let weight = log_scale.exp();
            weights[task] = Some(weight);
            gradient[task] = Some(weight * loss - 1.0);
            total += weight * loss - log_scale;
        }
        let weights = TaskWeights::new(NAME, weights, total)?;
        self.log_scales.step(&gradient);
        Ok(weights)
    }

    fn state(&self) -> BalanceState {
        self.log_scales.state()
    }

    fn restore(&mut self, state: BalanceState) -> Result<(), BalanceError> {
        self.log_scales.restore(state)
    }
}
