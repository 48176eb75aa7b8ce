//! RLW, random loss weighting: new random weights that add up to 1 at every step.
//!
//! Lin et al., "Reasonable Effectiveness of Random Weighting", TMLR 2022, §3: the
//! control that every learned weighting should beat. `w = softmax(z)` with `z`
//! standard normal, or `w` uniform on the simplex (Dirichlet with all parameters 1).

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::LossWeighting;
use crate::draws::Draws;
use crate::numeric::softmax;
use crate::{BalanceError, BalanceState, TaskLosses, TaskWeights};

const NAME: &str = "rlw";

/// What random weights are drawn from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum RandomDistribution {
    /// The softmax of standard normal numbers.
    #[default]
    Normal,
    /// Uniform on the simplex.
    Dirichlet,
}

/// Settings of [`RlwWeighting`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct RlwConfig {
    /// What the weights are drawn from. Default `normal`.
    pub distribution: RandomDistribution,
}

/// Random weights, new at each step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RlwWeighting {
    distribution: RandomDistribution,
    draws: Draws,
    tasks: usize,
}

impl RlwWeighting {
    /// For `tasks` tasks, drawing from the stream of `seed`.
    pub fn new(config: &RlwConfig, tasks: usize, seed: u64) -> Self {
        Self {
            distribution: config.distribution,
            draws: Draws::new(seed),
            tasks,
        }
    }

    /// Weights from given standard normal numbers: their softmax.
    pub fn from_normal(normal: &[f64]) -> Vec<f64> {
        softmax(normal)
    }
}

impl LossWeighting for RlwWeighting {
    fn name(&self) -> &'static str {
        NAME
    }

    fn weigh(&mut self, losses: &TaskLosses) -> Result<TaskWeights, BalanceError> {
        losses.check_count(self.tasks)?;
        // Absent tasks draw as well, so that who is present changes no later draw.
        let drawn: Vec<f64> = (0..self.tasks)
            .map(|_| match self.distribution {
                RandomDistribution::Normal => self.draws.normal(),
                // ln of Dirichlet(1, …) up to a constant: normalising is then a softmax too.
                RandomDistribution::Dirichlet => {
                    self.draws.exponential().max(f64::MIN_POSITIVE).ln()
                }
            })
            .collect();
        let present: Vec<f64> = losses.present().map(|(task, _)| drawn[task]).collect();
        TaskWeights::of_present(NAME, losses, &Self::from_normal(&present))
    }

    fn state(&self) -> BalanceState {
        BalanceState::new(NAME).with_counters("draws", vec![self.draws.counter()])
    }

    fn restore(&mut self, mut state: BalanceState) -> Result<(), BalanceError> {
        state.check_method(NAME)?;
        let counter = state.take_counters(NAME, "draws", 1)?;
        self.draws.set_counter(counter[0]);
        Ok(())
    }
}
