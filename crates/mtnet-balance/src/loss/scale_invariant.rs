//! Scale-invariant scalarisation: `total = Σ ln(L_i + ε)`, so `w_i = 1 / (L_i + ε)`.
//!
//! Multiplying a loss by a constant changes nothing. A baseline of Navon et al.,
//! "Multi-Task Learning as a Bargaining Game", ICML 2022, §6; also the loss
//! transform of DB-MTL (Lin et al. 2023, §3.1). `ε` bounds the weight of a task
//! whose loss nears 0.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::LossWeighting;
use crate::settings::not_negative;
use crate::{BalanceError, TaskLosses, TaskWeights};

const NAME: &str = "scale-invariant";

/// Settings of [`ScaleInvariantWeighting`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ScaleInvariantConfig {
    /// Added to each loss before the logarithm. Default 1e-8.
    pub epsilon: f64,
}

impl Default for ScaleInvariantConfig {
    fn default() -> Self {
        Self { epsilon: 1e-8 }
    }
}

/// The sum of the logarithms of the losses.
#[derive(Clone, Debug, PartialEq)]
pub struct ScaleInvariantWeighting {
    epsilon: f64,
    tasks: usize,
}

impl ScaleInvariantWeighting {
    /// For `tasks` tasks.
    ///
    /// # Errors
    /// [`BalanceError::Setting`] if `epsilon` is negative.
    pub fn new(config: &ScaleInvariantConfig, tasks: usize) -> Result<Self, BalanceError> {
        let epsilon = not_negative(NAME, "epsilon", config.epsilon)?;
        Ok(Self { epsilon, tasks })
    }
}

impl LossWeighting for ScaleInvariantWeighting {
    fn name(&self) -> &'static str {
        NAME
    }

    fn weigh(&mut self, losses: &TaskLosses) -> Result<TaskWeights, BalanceError> {
        losses.check_count(self.tasks)?;
        losses.check_above(NAME, -self.epsilon)?;
        let shifted: Vec<f64> = losses
            .present()
            .map(|(_, loss)| loss + self.epsilon)
            .collect();
        let weights: Vec<f64> = shifted.iter().map(|loss| 1.0 / loss).collect();
        let total = shifted.iter().map(|loss| loss.ln()).sum();
        TaskWeights::of_present_with_total(NAME, losses, &weights, total)
    }
}
