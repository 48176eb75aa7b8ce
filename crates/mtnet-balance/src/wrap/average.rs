//! Averaged weights: `λ_t = a λ_{t−1} + (1 − a) λ̂_t` around any method.
//!
//! Zhou et al., "On the Convergence of Stochastic Multi-Objective Gradient Manipulation
//! and Beyond", NeurIPS 2022, algorithm 1 (CR-MOGM). The first weight of a task is taken
//! as it is; an absent task keeps its average. The total becomes `Σ λ_i L_i`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{StepInput, Wrapper};
use crate::settings::decay;
use crate::{BalanceError, BalanceState, TaskWeights};

const NAME: &str = "average";

/// Settings of [`Average`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct AverageConfig {
    /// Share of the kept average, per step of the task. Default 0.9.
    pub decay: f64,
}

impl Default for AverageConfig {
    fn default() -> Self {
        Self { decay: 0.9 }
    }
}

/// An exponential average of the weights.
#[derive(Clone, Debug, PartialEq)]
pub struct Average {
    decay: f64,
    /// NaN before the first weight of a task.
    averages: Vec<f64>,
}

impl Average {
    /// For `tasks` tasks.
    ///
    /// # Errors
    /// [`BalanceError::Setting`] if the decay is not in `0..1`.
    pub fn new(config: &AverageConfig, tasks: usize) -> Result<Self, BalanceError> {
        Ok(Self {
            decay: decay(NAME, "decay", config.decay)?,
            averages: vec![f64::NAN; tasks],
        })
    }
}

impl Wrapper for Average {
    fn name(&self) -> &'static str {
        NAME
    }

    fn after(
        &mut self,
        input: &StepInput<'_>,
        weights: TaskWeights,
    ) -> Result<TaskWeights, BalanceError> {
        input.losses.check_count(self.averages.len())?;
        for (average, weight) in self.averages.iter_mut().zip(weights.values()) {
            let Some(weight) = *weight else { continue };
            *average = if average.is_nan() {
                weight
            } else {
                self.decay * *average + (1.0 - self.decay) * weight
            };
        }
        TaskWeights::linear(NAME, &input.losses, |task, _| self.averages[task])
    }

    fn state(&self) -> BalanceState {
        BalanceState::new(NAME).with_vector("averages", self.averages.clone())
    }

    fn restore(&mut self, mut state: BalanceState) -> Result<(), BalanceError> {
        state.check_method(NAME)?;
        self.averages = state.take_vector(NAME, "averages", self.averages.len())?;
        Ok(())
    }
}
