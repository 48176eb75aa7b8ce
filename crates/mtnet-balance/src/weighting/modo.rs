//! MoDo, multi-objective gradients with double sampling: one projected step on the weights.
//!
//! Chen et al., "Three-Way Trade-Off in Multi-Objective Learning", NeurIPS 2023,
//! algorithm 1: `λ ← Π_Δ(λ − γ (J_1 J_2ᵀ λ + ρ λ))`, with `J_1`, `J_2` of independent
//! batches, which makes the update unbiased; [`Modo::update`] takes their products.
//! Weighing a step takes the Gramian of its one batch. `γ = 0.1` is TorchJD's default,
//! LibMTL has 0.001. A Gramian grows with the square of the gradients, and with it
//! the effective `γ`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::contract::present_tasks;
use super::{CrossGramian, GramianWeighting};
use crate::settings::{not_negative, positive};
use crate::solve::project_on_simplex;
use crate::{BalanceError, BalanceState, Gramian, TaskLosses, TaskWeights};

const NAME: &str = "modo";

/// Settings of [`Modo`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ModoConfig {
    /// Step size `γ` of the weights. Default 0.1.
    pub gamma: f64,
    /// Pull `ρ` towards equal weights. Default 0.1.
    pub rho: f64,
}

impl Default for ModoConfig {
    fn default() -> Self {
        Self {
            gamma: 0.1,
            rho: 0.1,
        }
    }
}

/// Weights on the simplex that follow the min-norm problem step by step.
#[derive(Clone, Debug, PartialEq)]
pub struct Modo {
    config: ModoConfig,
    lambda: Vec<f64>,
}

impl Modo {
    /// Equal weights of `tasks` tasks.
    ///
    /// # Errors
    /// [`BalanceError::Setting`] if `gamma` is not above 0 or `rho` negative.
    pub fn new(config: &ModoConfig, tasks: usize) -> Result<Self, BalanceError> {
        positive(NAME, "gamma", config.gamma)?;
        not_negative(NAME, "rho", config.rho)?;
        Ok(Self {
            config: config.clone(),
            lambda: vec![1.0 / tasks as f64; tasks],
        })
    }

    /// One step on the weights of the tasks `present`, which it returns.
    ///
    /// # Panics
    /// If `products` has another size than `present`, or a task is not there.
    pub fn update(&mut self, products: &CrossGramian, present: &[usize]) -> Vec<f64> {
        assert_eq!(products.size(), present.len());
        let current: Vec<f64> = present.iter().map(|&task| self.lambda[task]).collect();
        // The share of the tasks that are absent stays theirs.
        let share: f64 = current.iter().sum();
        if share <= 0.0 {
            return current;
        }
        let current: Vec<f64> = current.iter().map(|value| value / share).collect();
        let moved: Vec<f64> = products
            .multiply(&current)
            .iter()
            .zip(&current)
            .map(|(slope, value)| value - self.config.gamma * (slope + self.config.rho * value))
            .collect();
        let next = project_on_simplex(&moved);
        for (&task, value) in present.iter().zip(&next) {
            self.lambda[task] = value * share;
        }
        next
    }
}

impl GramianWeighting for Modo {
    fn name(&self) -> &'static str {
        NAME
    }

    fn weigh(
        &mut self,
        gramian: &Gramian,
        losses: &TaskLosses,
    ) -> Result<TaskWeights, BalanceError> {
        losses.check_count(self.lambda.len())?;
        let present = present_tasks(gramian, losses)?;
        let weights = self.update(&CrossGramian::from(gramian), &present);
        TaskWeights::of_present(NAME, losses, &weights)
    }

    fn state(&self) -> BalanceState {
        BalanceState::new(NAME).with_vector("lambda", self.lambda.clone())
    }

    fn restore(&mut self, mut state: BalanceState) -> Result<(), BalanceError> {
        state.check_method(NAME)?;
        self.lambda = state.take_vector(NAME, "lambda", self.lambda.len())?;
        Ok(())
    }
}
