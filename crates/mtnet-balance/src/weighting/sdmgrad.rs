//! SDMGrad, stochastic direction-oriented multi-objective gradient descent.
//!
//! Xiao, Ban and Ji, "Direction-oriented Multi-objective Learning", NeurIPS 2023,
//! algorithm 1: a few projected steps with momentum on
//! `A (w + λ/m)`, `A = J_1 J_2ᵀ / (s² + 1e-8)`, then the weights `(w + λ/m) / (1 + λ)`.
//! `s` is the mean gradient norm, as in the authors' code. `w` is kept from step to
//! step, the momentum is not. [`Sdmgrad::update`] takes products of independent batches;
//! weighing a step takes the Gramian of its one batch. Step size 10 is the authors' and
//! TorchJD's (LibMTL: 5); the inner iteration need not have converged.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::contract::present_tasks;
use super::{CrossGramian, GramianWeighting};
use crate::settings::{at_least, decay, not_negative, positive};
use crate::solve::project_on_simplex;
use crate::{BalanceError, BalanceState, Gramian, TaskLosses, TaskWeights};

const NAME: &str = "sdmgrad";

/// Settings of [`Sdmgrad`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct SdmgradConfig {
    /// Step size of the inner iteration. Default 10.
    pub learning_rate: f64,
    /// Momentum of the inner iteration. Default 0.5.
    pub momentum: f64,
    /// Steps of the inner iteration. Default 20.
    pub iterations: u64,
    /// Pull `λ` towards the mean gradient. Default 0.3.
    pub lambda: f64,
}

impl Default for SdmgradConfig {
    fn default() -> Self {
        Self {
            learning_rate: 10.0,
            momentum: 0.5,
            iterations: 20,
            lambda: 0.3,
        }
    }
}

/// Weights between the mean and the point of least norm.
#[derive(Clone, Debug, PartialEq)]
pub struct Sdmgrad {
    config: SdmgradConfig,
    shares: Vec<f64>,
}

impl Sdmgrad {
    /// Equal weights of `tasks` tasks.
    ///
    /// # Errors
    /// [`BalanceError::Setting`] for a setting out of range.
    pub fn new(config: &SdmgradConfig, tasks: usize) -> Result<Self, BalanceError> {
        positive(NAME, "learning_rate", config.learning_rate)?;
        decay(NAME, "momentum", config.momentum)?;
        at_least(NAME, "iterations", config.iterations, 1)?;
        not_negative(NAME, "lambda", config.lambda)?;
        Ok(Self {
            config: config.clone(),
            shares: vec![1.0 / tasks as f64; tasks],
        })
    }

    /// The inner iteration for the tasks `present`; returns their weights.
    ///
    /// # Panics
    /// If `products` has another size than `present`, or a task is not there.
    pub fn update(&mut self, products: &CrossGramian, present: &[usize]) -> Vec<f64> {
        assert_eq!(products.size(), present.len());
        let count = present.len() as f64;
        let held: f64 = present.iter().map(|&task| self.shares[task]).sum();
        if held <= 0.0 {
            return vec![1.0 / count; present.len()];
        }
        let mut shares: Vec<f64> = present
            .iter()
            .map(|&task| self.shares[task] / held)
            .collect();
        let target = self.config.lambda / count;
        let scale = (0..present.len())
            .map(|i| products.root_diagonal(i))
            .sum::<f64>()
            / count;
        let divisor = scale * scale + 1e-8;
        let mut velocity = vec![0.0; present.len()];
        for _ in 0..self.config.iterations {
            let shifted: Vec<f64> = shares.iter().map(|share| share + target).collect();
            for (v, slope) in velocity.iter_mut().zip(products.multiply(&shifted)) {
                *v = self.config.momentum * *v + slope / divisor;
            }
            let moved: Vec<f64> = shares
                .iter()
                .zip(&velocity)
                .map(|(share, v)| share - self.config.learning_rate * v)
                .collect();
            shares = project_on_simplex(&moved);
        }
        for (&task, share) in present.iter().zip(&shares) {
            self.shares[task] = share * held;
        }
        let total = 1.0 + self.config.lambda;
        shares
            .iter()
            .map(|share| (share + target) / total)
            .collect()
    }
}

impl GramianWeighting for Sdmgrad {
    fn name(&self) -> &'static str {
        NAME
    }

    fn weigh(
        &mut self,
        gramian: &Gramian,
        losses: &TaskLosses,
    ) -> Result<TaskWeights, BalanceError> {
        losses.check_count(self.shares.len())?;
        let present = present_tasks(gramian, losses)?;
        let weights = self.update(&CrossGramian::from(gramian), &present);
        TaskWeights::of_present(NAME, losses, &weights)
    }

    fn state(&self) -> BalanceState {
        BalanceState::new(NAME).with_vector("shares", self.shares.clone())
    }

    fn restore(&mut self, mut state: BalanceState) -> Result<(), BalanceError> {
        state.check_method(NAME)?;
        self.shares = state.take_vector(NAME, "shares", self.shares.len())?;
        Ok(())
    }
}
