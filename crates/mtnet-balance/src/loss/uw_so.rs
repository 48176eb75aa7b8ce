//! UW-SO, soft optimal uncertainty weights: `w = softmax((1 / L) / T)`, `total = Σ w_i L_i`.
//!
//! Kirchdorfer et al., "Analytical Uncertainty-Based Loss Weighting in Multi-Task
//! Learning", GCPR 2024, eq. 8 (<https://arxiv.org/abs/2408.07985>): the weights at
//! which learned uncertainties would settle, tempered. No gradient passes through
//! the weights. The temperature is the one thing to tune.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::LossWeighting;
use crate::numeric::softmax;
use crate::settings::positive;
use crate::{BalanceError, TaskLosses, TaskWeights};

const NAME: &str = "uw-so";

/// A loss below this counts as this, so that a solved task has a finite inverse.
const FLOOR: f64 = 1e-12;

/// Settings of [`UwSoWeighting`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct UwSoConfig {
    /// Temperature: large values even the weights out. Default 1; the paper tunes it.
    pub temperature: f64,
}

impl Default for UwSoConfig {
    fn default() -> Self {
        Self { temperature: 1.0 }
    }
}

/// Weights that fall with the loss, adding up to 1.
#[derive(Clone, Debug, PartialEq)]
pub struct UwSoWeighting {
    temperature: f64,
    tasks: usize,
}

impl UwSoWeighting {
    /// For `tasks` tasks.
    ///
    /// # Errors
    /// [`BalanceError::Setting`] if the temperature is not above 0.
    pub fn new(config: &UwSoConfig, tasks: usize) -> Result<Self, BalanceError> {
        let temperature = positive(NAME, "temperature", config.temperature)?;
        Ok(Self { temperature, tasks })
    }
}

impl LossWeighting for UwSoWeighting {
    fn name(&self) -> &'static str {
        NAME
    }

    fn weigh(&mut self, losses: &TaskLosses) -> Result<TaskWeights, BalanceError> {
        losses.check_count(self.tasks)?;
        losses.check_not_negative(NAME)?;
        let scores: Vec<f64> = losses
            .present()
            .map(|(_, loss)| {
                (loss.max(FLOOR) * self.temperature)
                    .max(f64::MIN_POSITIVE)
                    .recip()
            })
            .collect();
        TaskWeights::of_present(NAME, losses, &softmax(&scores))
    }
}
