//! Gradients of log losses, in front of any gradient weighting.
//!
//! The method sees `g_i / (L_i + 1e-8)`, the gradient of `ln(L_i + 1e-8)`, and its weights
//! apply to those, which makes it blind to the scale of each loss (the loss balancing of
//! DB-MTL, Lin et al. 2023, §3.1). The losses themselves are passed on as they are.

use std::borrow::Cow;

use super::{StepInput, Wrapper};
use crate::{BalanceError, TaskLosses, TaskWeights};

const NAME: &str = "log-loss";
const EPSILON: f64 = 1e-8;

/// Turns gradients into those of the log losses before the method sees them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LogLoss;

fn factors(losses: &TaskLosses) -> Result<Vec<f64>, BalanceError> {
    losses.check_not_negative(NAME)?;
    Ok(losses
        .present()
        .map(|(_, loss)| 1.0 / (loss + EPSILON))
        .collect())
}

impl Wrapper for LogLoss {
    fn name(&self) -> &'static str {
        NAME
    }

    fn before<'a>(&self, input: StepInput<'a>) -> Result<StepInput<'a>, BalanceError> {
        let gramian = match &input.gramian {
            Some(gramian) => Some(Cow::Owned(gramian.scaled(&factors(&input.losses)?)?)),
            None => None,
        };
        Ok(StepInput { gramian, ..input })
    }

    fn after(
        &mut self,
        input: &StepInput<'_>,
        weights: TaskWeights,
    ) -> Result<TaskWeights, BalanceError> {
        let factors = factors(&input.losses)?;
        let present = weights.values().iter().flatten().zip(factors);
        let scaled: Vec<f64> = present.map(|(weight, factor)| weight * factor).collect();
        TaskWeights::of_present(NAME, &input.losses, &scaled)
    }
}
