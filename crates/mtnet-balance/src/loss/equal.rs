//! Equal weights: `total = (1/k) Σ L_i` over the `k` tasks present in the step.
//!
//! The mean rather than the sum, so that adding a task changes neither the size of
//! the update nor what a clipping threshold means. [`Normalize::Sum`](crate::Normalize)
//! gives the sum (linear scalarisation, "EW" in LibMTL, whose documentation says
//! mean while its code sums). When tuned, a strong baseline: Kurin et al., "In
//! Defense of the Unitary Scalarization for Deep Multi-Task Learning", NeurIPS 2022.

use super::LossWeighting;
use crate::{BalanceError, TaskLosses, TaskWeights};

const NAME: &str = "equal";

/// The mean of the losses of the tasks in the step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EqualWeighting {
    tasks: usize,
}

impl EqualWeighting {
    /// Equal weights for `tasks` tasks.
    pub fn new(tasks: usize) -> Self {
        Self { tasks }
    }
}

impl LossWeighting for EqualWeighting {
    fn name(&self) -> &'static str {
        NAME
    }

    fn weigh(&mut self, losses: &TaskLosses) -> Result<TaskWeights, BalanceError> {
        losses.check_count(self.tasks)?;
        let share = 1.0 / losses.present_count() as f64;
        TaskWeights::linear(NAME, losses, |_, _| share)
    }
}
