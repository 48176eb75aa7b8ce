//! The contract of a gradient aggregator.

use super::GradientRows;
use crate::{BalanceError, BalanceState, TaskLosses, TaskWeights};

/// Turns the gradients of a step into one direction.
pub trait GradientAggregator: Send {
    /// The name by which run files select the method.
    fn name(&self) -> &'static str;

    /// Writes the direction of this step, piece by piece.
    ///
    /// `gradients` has one row for each task *present* in `losses`, in their order;
    /// `write(start, entries)` is called for consecutive pieces of the direction, from
    /// its first entry to its last. The result holds the weights `w` where the direction
    /// is `Σ w_i g_i` of this step's gradients, and `None` where it is not.
    ///
    /// # Errors
    /// If the sizes do not fit, or the method has no direction for such gradients.
    fn aggregate(
        &mut self,
        gradients: &GradientRows<'_>,
        losses: &TaskLosses,
        write: &mut dyn FnMut(usize, &[f64]),
    ) -> Result<Option<TaskWeights>, BalanceError>;

    /// Whether the direction is always `Σ w_i g_i` of this step's gradients, so that
    /// [`GradientAggregator::aggregate`] returns weights.
    fn makes_weights(&self) -> bool {
        false
    }

    /// Whether the method keeps numbers by coordinate from one step to the next, so that
    /// coordinates must mean the same in every step.
    fn keeps_coordinates(&self) -> bool {
        false
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
