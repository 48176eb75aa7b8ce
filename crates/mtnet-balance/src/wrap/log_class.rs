//! Losses divided by the logarithm of their number of classes, in front of any method.
//!
//! The method sees `L_i / ln n_i` and the gradients of that, so that a task with many
//! classes does not count for more because its loss starts higher (Aghajanyan et al.,
//! EMNLP 2021, §3.2). A task without classes is left as it is.

use std::borrow::Cow;

use super::{StepInput, Wrapper};
use crate::loss::LogClassWeighting;
use crate::{BalanceError, TaskInfo, TaskWeights};

const NAME: &str = "log-class";

/// Scales losses and gradients before the method sees them.
#[derive(Clone, Debug, PartialEq)]
pub struct LogClass {
    factors: Vec<f64>,
}

impl LogClass {
    /// Reads the number of classes of each task.
    ///
    /// # Errors
    /// [`BalanceError::Task`] for a task of fewer than 2 classes.
    pub fn new(tasks: &[TaskInfo]) -> Result<Self, BalanceError> {
        let factors = LogClassWeighting::new(tasks)?.weights().to_vec();
        Ok(Self { factors })
    }
}

impl Wrapper for LogClass {
    fn name(&self) -> &'static str {
        NAME
    }

    fn before<'a>(&self, input: StepInput<'a>) -> Result<StepInput<'a>, BalanceError> {
        input.losses.check_count(self.factors.len())?;
        let factors: Vec<f64> = input
            .losses
            .present()
            .map(|(task, _)| self.factors[task])
            .collect();
        let gramian = match &input.gramian {
            Some(gramian) => Some(Cow::Owned(gramian.scaled(&factors)?)),
            None => None,
        };
        let losses = input.losses.scaled(&self.factors)?;
        Ok(StepInput {
            losses: Cow::Owned(losses),
            gramian,
        })
    }

    fn after(
        &mut self,
        _input: &StepInput<'_>,
        weights: TaskWeights,
    ) -> Result<TaskWeights, BalanceError> {
        // The total is the method's own, a function of the scaled losses: chain rule.
        let total = weights.total();
        let scaled = weights.values().iter().zip(&self.factors);
        let values = scaled.map(|(w, factor)| w.map(|w| w * factor)).collect();
        TaskWeights::new(NAME, values, total)
    }
}
