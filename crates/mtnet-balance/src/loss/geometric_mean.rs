//! Geometric mean of the losses: `total = (Π L_i)^{1/k}` over the `k` present tasks.
//!
//! Chennupati et al., "MultiNet++", CVPR workshops 2019, §3.2 ("GLS"); hence
//! `w_i = total / (k L_i)`. Computed as `exp(mean ln L)`, which neither overflows
//! nor underflows where LibMTL's product does; LibMTL also reports weights that are
//! not the gradient of its total.

use super::LossWeighting;
use crate::{BalanceError, TaskLosses, TaskWeights};

const NAME: &str = "geometric-mean";

/// A loss below this counts as this, so that a solved task has a finite weight.
const FLOOR: f64 = 1e-12;

/// The geometric mean of the losses of the tasks in the step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GeometricMeanWeighting {
    tasks: usize,
}

impl GeometricMeanWeighting {
    /// For `tasks` tasks.
    pub fn new(tasks: usize) -> Self {
        Self { tasks }
    }
}

impl LossWeighting for GeometricMeanWeighting {
    fn name(&self) -> &'static str {
        NAME
    }

    fn weigh(&mut self, losses: &TaskLosses) -> Result<TaskWeights, BalanceError> {
        losses.check_count(self.tasks)?;
        losses.check_not_negative(NAME)?;
        let values: Vec<f64> = losses.present().map(|(_, loss)| loss.max(FLOOR)).collect();
        if values.is_empty() {
            return TaskWeights::of_present(NAME, losses, &[]);
        }
        let count = values.len() as f64;
        let total = (values.iter().map(|loss| loss.ln()).sum::<f64>() / count).exp();
        let weights: Vec<f64> = values.iter().map(|loss| total / (count * loss)).collect();
        TaskWeights::of_present_with_total(NAME, losses, &weights, total)
    }
}
