//! Weights kept for several steps: the method is asked anew every `every` steps only.
//!
//! What PSMGD does for MGDA (Xu et al., "PSMGD: Periodic Stochastic Multi-Gradient
//! Descent", AAAI 2025, algorithm 1) and Nash-MTL by `update_weights_every`, around any
//! method. In between, per-task gradients are not needed: [`Refresh::is_due`] says so
//! before they are computed. A step with a task that has no kept weight asks anew.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{StepInput, Wrapper};
use crate::settings::at_least;
use crate::{BalanceError, BalanceState, TaskLosses, TaskWeights};

const NAME: &str = "refresh";

/// Settings of [`Refresh`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RefreshConfig {
    /// Steps for which weights are kept.
    pub every: u64,
}

/// Keeps the weights of a method for several steps.
#[derive(Clone, Debug, PartialEq)]
pub struct Refresh {
    every: u64,
    /// Steps since the method was last asked.
    age: u64,
    /// NaN where a task has no kept weight.
    kept: Vec<f64>,
}

impl Refresh {
    /// For `tasks` tasks without kept weights.
    ///
    /// # Errors
    /// [`BalanceError::Setting`] if `every` is 0.
    pub fn new(config: &RefreshConfig, tasks: usize) -> Result<Self, BalanceError> {
        Ok(Self {
            every: at_least(NAME, "every", config.every, 1)?,
            age: 0,
            kept: vec![f64::NAN; tasks],
        })
    }

    /// Whether a step with these tasks asks the method.
    pub fn is_due(&self, losses: &TaskLosses) -> bool {
        let lacks = |task: usize| self.kept.get(task).is_none_or(|weight| weight.is_nan());
        self.age == 0 || losses.present().any(|(task, _)| lacks(task))
    }
}

impl Wrapper for Refresh {
    fn name(&self) -> &'static str {
        NAME
    }

    fn instead(&mut self, losses: &TaskLosses) -> Result<Option<TaskWeights>, BalanceError> {
        losses.check_count(self.kept.len())?;
        if self.is_due(losses) {
            return Ok(None);
        }
        self.age = (self.age + 1) % self.every;
        TaskWeights::linear(NAME, losses, |task, _| self.kept[task]).map(Some)
    }

    fn after(
        &mut self,
        _input: &StepInput<'_>,
        weights: TaskWeights,
    ) -> Result<TaskWeights, BalanceError> {
        self.age = 1 % self.every;
        for (kept, weight) in self.kept.iter_mut().zip(weights.values()) {
            *kept = weight.unwrap_or(*kept);
        }
        Ok(weights)
    }

    fn state(&self) -> BalanceState {
        BalanceState::new(NAME)
            .with_counters("age", vec![self.age])
            .with_vector("kept", self.kept.clone())
    }

    fn restore(&mut self, mut state: BalanceState) -> Result<(), BalanceError> {
        state.check_method(NAME)?;
        let age = state.take_counters(NAME, "age", 1)?[0];
        self.kept = state.take_vector(NAME, "kept", self.kept.len())?;
        self.age = age;
        Ok(())
    }
}
