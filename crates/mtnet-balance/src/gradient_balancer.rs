//! A gradient method with the options that all share, as a trainer holds it.

use std::fmt;

use crate::{
    BalanceError, BalanceState, GradientAggregator, GradientRows, Gramian, GramianWeighting,
    Normalize, TaskLosses, TaskWeights,
};

/// Turns the gradients of each step into one direction by the chosen method.
pub struct GradientBalancer {
    method: Method,
    normalize: Normalize,
}

enum Method {
    Gramian(Box<dyn GramianWeighting>),
    Rows(Box<dyn GradientAggregator>),
}

impl GradientBalancer {
    /// A gradient weighting, one's own included.
    pub fn from_gramian(method: Box<dyn GramianWeighting>, normalize: Normalize) -> Self {
        Self {
            method: Method::Gramian(method),
            normalize,
        }
    }

    /// A gradient aggregator, one's own included.
    pub fn from_rows(method: Box<dyn GradientAggregator>) -> Self {
        Self {
            method: Method::Rows(method),
            normalize: Normalize::None,
        }
    }

    /// The name by which run files select the method.
    pub fn name(&self) -> &'static str {
        match &self.method {
            Method::Gramian(method) => method.name(),
            Method::Rows(method) => method.name(),
        }
    }

    /// Whether the Gramian is all that the method needs.
    pub fn needs_gramian_only(&self) -> bool {
        matches!(self.method, Method::Gramian(_))
    }

    /// The weights of this step from the Gramian of its present tasks.
    ///
    /// # Errors
    /// [`BalanceError::NeedsGradients`] for a method that needs coordinates; else as
    /// [`GramianWeighting::weigh`].
    pub fn weigh(
        &mut self,
        gramian: &Gramian,
        losses: &TaskLosses,
    ) -> Result<TaskWeights, BalanceError> {
        match &mut self.method {
            Method::Gramian(method) => Ok(self.normalize.apply(method.weigh(gramian, losses)?)),
            Method::Rows(method) => Err(BalanceError::NeedsGradients {
                method: method.name(),
            }),
        }
    }

    /// The weights of this step, where wrappers make the gradients of the step needless.
    ///
    /// Ask this first: per-task backward passes are only needed for `None`, which changes
    /// nothing. See [`GramianWeighting::weigh_by_losses`].
    ///
    /// # Errors
    /// As [`GramianWeighting::weigh`].
    pub fn weigh_by_losses(
        &mut self,
        losses: &TaskLosses,
    ) -> Result<Option<TaskWeights>, BalanceError> {
        match &mut self.method {
            Method::Gramian(method) => {
                let weights = method.weigh_by_losses(losses)?;
                Ok(weights.map(|weights| self.normalize.apply(weights)))
            }
            Method::Rows(_) => Ok(None),
        }
    }

    /// Writes the direction of this step; see [`GradientAggregator::aggregate`].
    ///
    /// # Errors
    /// As [`GradientAggregator::aggregate`].
    pub fn aggregate(
        &mut self,
        gradients: &GradientRows<'_>,
        losses: &TaskLosses,
        write: &mut dyn FnMut(usize, &[f64]),
    ) -> Result<Option<TaskWeights>, BalanceError> {
        if let Method::Rows(method) = &mut self.method {
            return method.aggregate(gradients, losses, write);
        }
        gradients.tasks(losses)?;
        let weights = self.weigh(&gradients.gramian()?, losses)?;
        let present: Vec<f64> = weights.values().iter().flatten().copied().collect();
        gradients.write_sum(&present, write);
        Ok(Some(weights))
    }

    /// All that the method learned so far.
    pub fn state(&self) -> BalanceState {
        match &self.method {
            Method::Gramian(method) => method.state(),
            Method::Rows(method) => method.state(),
        }
    }

    /// Goes on from a saved state.
    ///
    /// # Errors
    /// [`BalanceError::State`] if another method or another number of tasks saved it.
    pub fn restore(&mut self, state: BalanceState) -> Result<(), BalanceError> {
        match &mut self.method {
            Method::Gramian(method) => method.restore(state),
            Method::Rows(method) => method.restore(state),
        }
    }
}

impl fmt::Debug for GradientBalancer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("GradientBalancer")
            .field("method", &self.name())
            .field("normalize", &self.normalize)
            .finish_non_exhaustive()
    }
}
