//! A method with a wrapper around it, which is a method again.

use std::borrow::Cow;

use super::{StepInput, Wrapper};
use crate::{
    BalanceError, BalanceState, Gramian, GramianWeighting, LossWeighting, Observation,
    ObservationKind, TaskLosses, TaskWeights,
};

/// A loss weighting or gradient weighting with a wrapper around it.
pub struct Wrapped<M: ?Sized> {
    wrapper: Box<dyn Wrapper>,
    method: Box<M>,
}

impl<M: ?Sized> Wrapped<M> {
    /// Puts `wrapper` around `method`.
    pub fn new(wrapper: Box<dyn Wrapper>, method: Box<M>) -> Self {
        Self { wrapper, method }
    }

    fn weigh_with(
        &mut self,
        input: StepInput<'_>,
        weigh: impl FnOnce(&mut M, &StepInput<'_>) -> Result<TaskWeights, BalanceError>,
    ) -> Result<TaskWeights, BalanceError> {
        let weights = match self.wrapper.instead(&input.losses)? {
            Some(weights) => return Ok(weights),
            None => {
                let seen = self.wrapper.before(input.clone())?;
                weigh(&mut self.method, &seen)?
            }
        };
        self.wrapper.after(&input, weights)
    }

    fn state_with(&self, inner: BalanceState) -> BalanceState {
        let mut state = self.wrapper.state();
        state.parts.push(inner);
        state
    }

    fn restore_with(
        &mut self,
        mut state: BalanceState,
        before: BalanceState,
        restore: impl Fn(&mut M, BalanceState) -> Result<(), BalanceError>,
    ) -> Result<(), BalanceError> {
        let Some(inner) = state.parts.pop() else {
            return Err(BalanceError::State {
                method: self.wrapper.name(),
                problem: "the state of the method inside is missing".to_owned(),
            });
        };
        restore(&mut self.method, inner)?;
        let restored = self.wrapper.restore(state);
        if restored.is_err() {
            // Both or none: the method goes back to where it was.
            restore(&mut self.method, before)?;
        }
        restored
    }
}

impl LossWeighting for Wrapped<dyn LossWeighting> {
    fn name(&self) -> &'static str {
        self.method.name()
    }

    fn weigh(&mut self, losses: &TaskLosses) -> Result<TaskWeights, BalanceError> {
        let input = StepInput {
            losses: Cow::Borrowed(losses),
            gramian: None,
        };
        self.weigh_with(input, |method, input| method.weigh(&input.losses))
    }

    fn observes(&self) -> Option<ObservationKind> {
        self.method.observes()
    }

    fn observe(&mut self, observation: Observation<'_>) -> Result<(), BalanceError> {
        let seen = |losses| {
            let input = StepInput {
                losses: Cow::Borrowed(losses),
                gramian: None,
            };
            self.wrapper.before(input).map(|input| input.losses)
        };
        match observation {
            Observation::LossesAfterStep(losses) => {
                let losses = seen(losses)?;
                self.method.observe(Observation::LossesAfterStep(&losses))
            }
            Observation::ValidationLosses(losses) => {
                let losses = seen(losses)?;
                self.method.observe(Observation::ValidationLosses(&losses))
            }
            Observation::ValidationScores(_) => self.method.observe(observation),
        }
    }

    fn state(&self) -> BalanceState {
        self.state_with(self.method.state())
    }

    fn restore(&mut self, state: BalanceState) -> Result<(), BalanceError> {
        let before = self.method.state();
        self.restore_with(state, before, |method, state| method.restore(state))
    }
}

impl GramianWeighting for Wrapped<dyn GramianWeighting> {
    fn name(&self) -> &'static str {
        self.method.name()
    }

    fn weigh(
        &mut self,
        gramian: &Gramian,
        losses: &TaskLosses,
    ) -> Result<TaskWeights, BalanceError> {
        let input = StepInput {
            losses: Cow::Borrowed(losses),
            gramian: Some(Cow::Borrowed(gramian)),
        };
        self.weigh_with(input, |method, input| {
            method.weigh(input.gramian.as_deref().unwrap_or(gramian), &input.losses)
        })
    }

    fn weigh_by_losses(
        &mut self,
        losses: &TaskLosses,
    ) -> Result<Option<TaskWeights>, BalanceError> {
        if let Some(weights) = self.wrapper.instead(losses)? {
            return Ok(Some(weights));
        }
        if self.wrapper.needs_gramian() {
            return Ok(None);
        }
        let input = StepInput {
            losses: Cow::Borrowed(losses),
            gramian: None,
        };
        let seen = self.wrapper.before(input.clone())?;
        match self.method.weigh_by_losses(&seen.losses)? {
            Some(weights) => self.wrapper.after(&input, weights).map(Some),
            None => Ok(None),
        }
    }

    fn state(&self) -> BalanceState {
        self.state_with(self.method.state())
    }

    fn restore(&mut self, state: BalanceState) -> Result<(), BalanceError> {
        let before = self.method.state();
        self.restore_with(state, before, |method, state| method.restore(state))
    }
}
