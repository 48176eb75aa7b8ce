//! Equal weights for the first steps, then the method.
//!
//! Early losses and gradients say little; methods with a reference value start from
//! better ones. During the warm-up the method does not see the steps.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Wrapper;
use crate::{BalanceError, BalanceState, TaskLosses, TaskWeights};

const NAME: &str = "warm-up";

/// Settings of [`WarmUp`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct WarmUpConfig {
    /// Optimizer steps of equal weights.
    pub steps: u64,
}

/// Equal weights for the first steps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WarmUp {
    steps: u64,
    taken: u64,
}

impl WarmUp {
    /// Before its first step.
    pub fn new(config: &WarmUpConfig) -> Self {
        Self {
            steps: config.steps,
            taken: 0,
        }
    }
}

impl Wrapper for WarmUp {
    fn name(&self) -> &'static str {
        NAME
    }

    fn instead(&mut self, losses: &TaskLosses) -> Result<Option<TaskWeights>, BalanceError> {
        if self.taken >= self.steps {
            return Ok(None);
        }
        self.taken += 1;
        let share = 1.0 / losses.present_count() as f64;
        TaskWeights::linear(NAME, losses, |_, _| share).map(Some)
    }

    fn state(&self) -> BalanceState {
        BalanceState::new(NAME).with_counters("taken", vec![self.taken])
    }

    fn restore(&mut self, mut state: BalanceState) -> Result<(), BalanceError> {
        state.check_method(NAME)?;
        self.taken = state.take_counters(NAME, "taken", 1)?[0];
        Ok(())
    }
}
