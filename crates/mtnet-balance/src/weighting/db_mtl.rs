//! DB-MTL, dual balancing without averages: log losses, and gradients of equal length.
//!
//! Lin et al., "Dual-Balancing for Multi-Task Learning", 2023, algorithm 1 with `β = 0`
//! (<https://arxiv.org/abs/2308.12029>). With `n_i = ‖g_i‖ / (L_i + 1e-8)` the norm of the
//! gradient of the log loss, `d = Σ (max_j n_j / (n_i + 1e-8)) g_i / (L_i + 1e-8)`.
//! [`AveragedDbMtl`](crate::aggregator::AveragedDbMtl) averages the gradients over steps.

use super::GramianWeighting;
use super::contract::present_tasks;
use crate::{BalanceError, Gramian, TaskLosses, TaskWeights};

const NAME: &str = "db-mtl";
const EPSILON: f64 = 1e-8;

/// The sum of log-loss gradients of equal length.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DbMtl;

impl GramianWeighting for DbMtl {
    fn name(&self) -> &'static str {
        NAME
    }

    fn weigh(
        &mut self,
        gramian: &Gramian,
        losses: &TaskLosses,
    ) -> Result<TaskWeights, BalanceError> {
        present_tasks(gramian, losses)?;
        losses.check_not_negative(NAME)?;
        let norms: Vec<f64> = losses
            .present_values()
            .iter()
            .zip(gramian.norms())
            .map(|(loss, norm)| norm / (loss + EPSILON))
            .collect();
        let longest = norms.iter().copied().fold(0.0, f64::max);
        let weights: Vec<f64> = losses
            .present_values()
            .iter()
            .zip(&norms)
            .map(|(loss, norm)| longest / (norm + EPSILON) / (loss + EPSILON))
            .collect();
        TaskWeights::of_present(NAME, losses, &weights)
    }
}
