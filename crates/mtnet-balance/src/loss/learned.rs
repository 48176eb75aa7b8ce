//! One learned parameter a task with its optimizer: what uncertainty-like methods hold.

use crate::settings::{finite, positive};
use crate::{BalanceError, BalanceState, OptimizerKind, ParameterOptimizer};

/// A learned vector, one parameter a task.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Learned {
    method: &'static str,
    name: &'static str,
    pub(super) values: Vec<f64>,
    optimizer: ParameterOptimizer,
}

impl Learned {
    /// `tasks` parameters at their initial value, given with the name of its setting;
    /// the state knows them by `name`.
    pub(super) fn new(
        method: &'static str,
        name: &'static str,
        (setting, initial): (&'static str, f64),
        (kind, learning_rate): (OptimizerKind, f64),
        tasks: usize,
    ) -> Result<Self, BalanceError> {
        positive(method, "learning_rate", learning_rate)?;
        finite(method, setting, initial)?;
        Ok(Self {
            method,
            name,
            values: vec![initial; tasks],
            optimizer: ParameterOptimizer::new(kind, learning_rate, tasks),
        })
    }

    /// Moves the parameters that have a gradient.
    pub(super) fn step(&mut self, gradient: &[Option<f64>]) {
        self.optimizer.step(&mut self.values, gradient);
    }

    /// The state of a method that holds nothing else.
    pub(super) fn state(&self) -> BalanceState {
        let state = BalanceState::new(self.method).with_vector(self.name, self.values.clone());
        self.optimizer.save(state)
    }

    /// Goes on from a state, or stays as it is if that is not one.
    pub(super) fn restore(&mut self, mut state: BalanceState) -> Result<(), BalanceError> {
        state.check_method(self.method)?;
        let values = state.take_vector(self.method, self.name, self.values.len())?;
        self.optimizer.load(self.method, &mut state)?;
        self.values = values;
        Ok(())
    }
}
