//! Random weights of the gradients, new at each step: `w = softmax(z)`, `z` standard normal.
//!
//! Lin et al., "Reasonable Effectiveness of Random Weighting", TMLR 2022, §3 ("RGW"):
//! the control that every aggregator should beat. On the same draws it is
//! [`RlwWeighting`](crate::loss::RlwWeighting) for methods that are compared on gradients.

use super::GramianWeighting;
use super::contract::present_tasks;
use crate::draws::Draws;
use crate::numeric::softmax;
use crate::{BalanceError, BalanceState, Gramian, TaskLosses, TaskWeights};

const NAME: &str = "random-gradient";

/// Random weights, new at each step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RandomGradient {
    draws: Draws,
}

impl RandomGradient {
    /// Drawing from the stream of `seed`.
    pub fn new(seed: u64) -> Self {
        Self {
            draws: Draws::new(seed),
        }
    }
}

impl GramianWeighting for RandomGradient {
    fn name(&self) -> &'static str {
        NAME
    }

    fn weigh(
        &mut self,
        gramian: &Gramian,
        losses: &TaskLosses,
    ) -> Result<TaskWeights, BalanceError> {
        present_tasks(gramian, losses)?;
        // Absent tasks draw as well, so that who is present changes no later draw.
        let drawn: Vec<f64> = (0..losses.len()).map(|_| self.draws.normal()).collect();
        let present: Vec<f64> = losses.present().map(|(task, _)| drawn[task]).collect();
        TaskWeights::of_present(NAME, losses, &softmax(&present))
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
