//! A method with the options that all methods share, as a trainer holds it.

use std::fmt;

use crate::{
    BalanceError, BalanceState, LossWeighting, Normalize, Observation, ObservationKind, TaskLosses,
    TaskWeights,
};

/// Weighs the losses of each step by the chosen method.
pub struct Balancer {
    method: Box<dyn LossWeighting>,
    normalize: Normalize,
}

impl Balancer {
    /// A method of one's own, with the shared options.
    pub fn new(method: Box<dyn LossWeighting>, normalize: Normalize) -> Self {
        Self { method, normalize }
    }

    /// The name by which run files select the method.
    pub fn name(&self) -> &'static str {
        self.method.name()
    }

    /// The weights of this step, normalised as the run file says.
    ///
    /// A step without any present task has no weights and the total 0.
    ///
    /// # Errors
    /// As [`LossWeighting::weigh`].
    pub fn weigh(&mut self, losses: &TaskLosses) -> Result<TaskWeights, BalanceError> {
        Ok(self.normalize.apply(self.method.weigh(losses)?))
    }

    /// What the method must be told between steps, beside the losses of each step.
    pub fn observes(&self) -> Option<ObservationKind> {
        self.method.observes()
    }

    /// Tells the method what it [observes](Balancer::observes).
    ///
    /// # Errors
    /// As [`LossWeighting::observe`].
    pub fn observe(&mut self, observation: Observation<'_>) -> Result<(), BalanceError> {
        self.method.observe(observation)
    }

    /// All that the method learned so far.
    pub fn state(&self) -> BalanceState {
        self.method.state()
    }

    /// Goes on from a saved state.
    ///
    /// # Errors
    /// [`BalanceError::State`] if another method or another number of tasks saved it.
    pub fn restore(&mut self, state: BalanceState) -> Result<(), BalanceError> {
        self.method.restore(state)
    }
}

impl fmt::Debug for Balancer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Balancer")
            .field("method", &self.name())
            .field("normalize", &self.normalize)
            .field("state", &self.state())
            .finish()
    }
}
