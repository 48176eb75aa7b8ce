//! Gradients of unit length, in front of any gradient weighting.
//!
//! The method sees `g_i / ‖g_i‖` and its weights apply to those, so that no task counts
//! for more because its gradient is longer (the `l2` normalisation of MGDA's authors,
//! for every method). A zero gradient stays zero.

use std::borrow::Cow;

use super::{StepInput, Wrapper};
use crate::{BalanceError, TaskWeights};

const NAME: &str = "unit-norm";

/// Normalises gradients before the method sees them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct UnitNorm;

impl Wrapper for UnitNorm {
    fn name(&self) -> &'static str {
        NAME
    }

    fn needs_gramian(&self) -> bool {
        true
    }

    fn before<'a>(&self, input: StepInput<'a>) -> Result<StepInput<'a>, BalanceError> {
        let gramian = input.gramian.map(|gramian| Cow::Owned(gramian.cosines()));
        Ok(StepInput { gramian, ..input })
    }

    fn after(
        &mut self,
        input: &StepInput<'_>,
        weights: TaskWeights,
    ) -> Result<TaskWeights, BalanceError> {
        let Some(gramian) = &input.gramian else {
            return Ok(weights);
        };
        let present = weights.values().iter().flatten().zip(gramian.norms());
        let divided: Vec<f64> = present
            .map(|(weight, norm)| if norm > 0.0 { weight / norm } else { 0.0 })
            .collect();
        TaskWeights::of_present(NAME, &input.losses, &divided)
    }
}
