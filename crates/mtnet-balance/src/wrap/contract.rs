//! The contract of a wrapper.

use std::borrow::Cow;

use crate::{BalanceError, BalanceState, Gramian, TaskLosses, TaskWeights};

/// What a method sees of a step.
#[derive(Clone, Debug, PartialEq)]
pub struct StepInput<'a> {
    /// The losses, one a task.
    pub losses: Cow<'a, TaskLosses>,
    /// The Gramian of the present tasks; `None` around a loss weighting.
    pub gramian: Option<Cow<'a, Gramian>>,
}

/// Changes what a method sees or answers.
pub trait Wrapper: Send {
    /// The name by which run files select it.
    fn name(&self) -> &'static str;

    /// Weights in place of the method's; the method then does not see the step.
    ///
    /// # Errors
    /// If the number of tasks is another one.
    fn instead(&mut self, losses: &TaskLosses) -> Result<Option<TaskWeights>, BalanceError> {
        let _ = losses;
        Ok(None)
    }

    /// Whether [`Wrapper::after`] reads the Gramian.
    fn needs_gramian(&self) -> bool {
        false
    }

    /// What the method sees of the step.
    ///
    /// # Errors
    /// If it cannot be made for such losses or gradients.
    fn before<'a>(&self, input: StepInput<'a>) -> Result<StepInput<'a>, BalanceError> {
        Ok(input)
    }

    /// The weights of the step, from those of the method.
    ///
    /// # Errors
    /// If a weight leaves the range of `f64`.
    fn after(
        &mut self,
        input: &StepInput<'_>,
        weights: TaskWeights,
    ) -> Result<TaskWeights, BalanceError> {
        let _ = input;
        Ok(weights)
    }

    /// All that the wrapper learned so far.
    fn state(&self) -> BalanceState {
        BalanceState::new(self.name())
    }

    /// Goes on from a saved state.
    ///
    /// # Errors
    /// [`BalanceError::State`] if another wrapper or another number of tasks saved it;
    /// the wrapper is then unchanged.
    fn restore(&mut self, state: BalanceState) -> Result<(), BalanceError> {
        state.check_method(self.name())
    }
}
