//! The chosen method, whatever its kind.

use crate::{BalanceError, BalanceState, Balancer, GradientBalancer};

/// What a run file's `[balance]` table builds.
#[derive(Debug)]
pub enum Balance {
    /// A method on losses: one backward pass of a weighted sum.
    Losses(Balancer),
    /// A method on per-task gradients.
    Gradients(GradientBalancer),
}

impl Balance {
    /// The name by which run files select the method.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Losses(balancer) => balancer.name(),
            Self::Gradients(balancer) => balancer.name(),
        }
    }

    /// All that the method learned so far.
    pub fn state(&self) -> BalanceState {
        match self {
            Self::Losses(balancer) => balancer.state(),
            Self::Gradients(balancer) => balancer.state(),
        }
    }

    /// Goes on from a saved state.
    ///
    /// # Errors
    /// [`BalanceError::State`] if another method or another number of tasks saved it.
    pub fn restore(&mut self, state: BalanceState) -> Result<(), BalanceError> {
        match self {
            Self::Losses(balancer) => balancer.restore(state),
            Self::Gradients(balancer) => balancer.restore(state),
        }
    }
}
