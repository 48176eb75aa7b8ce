//! The contract of a loss weighting.

use crate::{BalanceError, BalanceState, Observation, ObservationKind, TaskLosses, TaskWeights};

/// Turns the losses of a step into one weight a task.
pub trait LossWeighting: Send {
    /// The name by which run files select the method.
    fn name(&self) -> &'static str;

    /// The weights of this step; learned parameters are updated after the weights
    /// were computed, so the weights are those that the step's losses were met with.
    ///
    /// # Errors
    /// If the number of tasks is another one, if the method has no weights for such
    /// losses, or if its learned state has diverged.
    fn weigh(&mut self, losses: &TaskLosses) -> Result<TaskWeights, BalanceError>;

    /// What the method must be told between steps, beside the losses of each step.
    fn observes(&self) -> Option<ObservationKind> {
        None
    }

    /// Tells the method what it [observes](LossWeighting::observes); others ignore it.
    ///
    /// # Errors
    /// If the number of tasks is another one, or a value is out of range.
    fn observe(&mut self, observation: Observation<'_>) -> Result<(), BalanceError> {
        let _ = observation;
        Ok(())
    }

    /// All that the method learned so far.
    fn state(&self) -> BalanceState {
        BalanceState::new(self.name())
    }

    /// Goes on from a saved state.
    ///
    /// # Errors
    /// [`BalanceError::State`] if another method or another number of tasks saved it;
    /// the method is then unchanged.
    fn restore(&mut self, state: BalanceState) -> Result<(), BalanceError> {
        state.check_method(self.name())
    }
}
