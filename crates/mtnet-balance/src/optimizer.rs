//! The small optimizer of a method's own learned parameters, one parameter a task.
//!
//! Adam (Kingma and Ba, ICLR 2015, algorithm 1) with its usual constants
//! `β = (0.9, 0.999)`, `ε = 1e-8`, or plain gradient descent; never weight decay.
//! Each parameter counts its own steps, so that a task absent from a step keeps
//! its moments and its bias correction as they were.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{BalanceError, BalanceState};

const BETA_1: f64 = 0.9;
const BETA_2: f64 = 0.999;
const EPSILON: f64 = 1e-8;

/// The rule by which learned weights follow their gradient.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum OptimizerKind {
    /// Adam with `β = (0.9, 0.999)` and `ε = 1e-8`.
    #[default]
    Adam,
    /// Plain gradient descent.
    Sgd,
}

/// Steps a vector of parameters along its gradient.
#[derive(Clone, Debug, PartialEq)]
pub struct ParameterOptimizer {
    kind: OptimizerKind,
    learning_rate: f64,
    first_moment: Vec<f64>,
    second_moment: Vec<f64>,
    steps: Vec<u64>,
}

impl ParameterOptimizer {
    /// An optimizer of `size` parameters that has taken no step.
    pub fn new(kind: OptimizerKind, learning_rate: f64, size: usize) -> Self {
        Self {
            kind,
            learning_rate,
            first_moment: vec![0.0; size],
            second_moment: vec![0.0; size],
            steps: vec![0; size],
        }
    }

    /// Moves each parameter that has a gradient; the others keep their state.
    ///
    /// # Panics
    /// If `parameters` or `gradient` have another length than the optimizer.
    pub fn step(&mut self, parameters: &mut [f64], gradient: &[Option<f64>]) {
        assert_eq!(parameters.len(), self.steps.len());
        assert_eq!(gradient.len(), self.steps.len());
        for (index, gradient) in gradient.iter().enumerate() {
            let Some(gradient) = *gradient else { continue };
            parameters[index] -= self.learning_rate
                * match self.kind {
                    OptimizerKind::Sgd => gradient,
                    OptimizerKind::Adam => self.adam_direction(index, gradient),
                };
        }
    }

    fn adam_direction(&mut self, index: usize, gradient: f64) -> f64 {
        self.steps[index] += 1;
        // Beyond this the bias corrections are 1 to the last bit.
        let count = self.steps[index].min(1_000_000) as i32;
        let first = &mut self.first_moment[index];
        let second = &mut self.second_moment[index];
        *first = BETA_1 * *first + (1.0 - BETA_1) * gradient;
        *second = BETA_2 * *second + (1.0 - BETA_2) * gradient * gradient;
        let unbiased_first = *first / (1.0 - BETA_1.powi(count));
        let unbiased_second = *second / (1.0 - BETA_2.powi(count));
        unbiased_first / (unbiased_second.sqrt() + EPSILON)
    }

    /// Adds moments and step counts to the state of the method that owns this optimizer.
    #[must_use]
    pub fn save(&self, state: BalanceState) -> BalanceState {
        match self.kind {
            OptimizerKind::Sgd => state,
            OptimizerKind::Adam => state
                .with_vector("first_moment", self.first_moment.clone())
                .with_vector("second_moment", self.second_moment.clone())
                .with_counters("optimizer_steps", self.steps.clone()),
        }
    }

    /// Takes moments and step counts back out of a state.
    ///
    /// # Errors
    /// [`BalanceError::State`] if they are missing or of another length.
    pub fn load(
        &mut self,
        method: &'static str,
        state: &mut BalanceState,
    ) -> Result<(), BalanceError> {
        if self.kind == OptimizerKind::Adam {
            let size = self.steps.len();
            let first_moment = state.take_vector(method, "first_moment", size)?;
            let second_moment = state.take_vector(method, "second_moment", size)?;
            self.steps = state.take_counters(method, "optimizer_steps", size)?;
            self.first_moment = first_moment;
            self.second_moment = second_moment;
        }
        Ok(())
    }
}
