//! What a method decides for one step: one weight a task, and what is minimised.

use crate::{BalanceError, TaskLosses};

/// The weights of a step: `w_i = ∂ total / ∂ L_i` for each present task.
#[derive(Clone, Debug, PartialEq)]
pub struct TaskWeights {
    values: Vec<Option<f64>>,
    total: f64,
}

impl TaskWeights {
    /// Weights as a method computed them; `None` for an absent task.
    ///
    /// # Errors
    /// [`BalanceError::NonFiniteWeight`] if one of them, or the total, is not finite.
    pub fn new(
        method: &'static str,
        values: Vec<Option<f64>>,
        total: f64,
    ) -> Result<Self, BalanceError> {
        let broken = values
            .iter()
            .enumerate()
            .find_map(|(task, value)| value.filter(|value| !value.is_finite()).map(|v| (task, v)));
        match broken {
            Some((task, value)) => Err(BalanceError::NonFiniteWeight {
                method,
                task,
                value,
            }),
            None if !total.is_finite() => Err(BalanceError::NonFiniteTotal { method, total }),
            None => Ok(Self { values, total }),
        }
    }

    /// The total `Σ w_i L_i` over present tasks, with `weight(task, loss)` as `w_i`.
    ///
    /// # Errors
    /// [`BalanceError::NonFiniteWeight`] as for [`TaskWeights::new`].
    pub fn linear(
        method: &'static str,
        losses: &TaskLosses,
        mut weight: impl FnMut(usize, f64) -> f64,
    ) -> Result<Self, BalanceError> {
        let values: Vec<Option<f64>> = losses
            .values()
            .iter()
            .enumerate()
            .map(|(task, loss)| loss.map(|loss| weight(task, loss)))
            .collect();
        let total = losses
            .present()
            .map(|(task, loss)| values[task].unwrap_or(0.0) * loss)
            .sum();
        Self::new(method, values, total)
    }

    /// Weights of the present tasks in order, with their total `Σ w_i L_i`.
    ///
    /// # Errors
    /// [`BalanceError::NonFiniteWeight`] as for [`TaskWeights::new`].
    pub fn of_present(
        method: &'static str,
        losses: &TaskLosses,
        weights: &[f64],
    ) -> Result<Self, BalanceError> {
        let mut next = weights.iter();
        Self::linear(method, losses, |_, _| next.next().copied().unwrap_or(0.0))
    }

    /// Weights of the present tasks in order, with a total of the method's own.
    ///
    /// # Errors
    /// [`BalanceError::NonFiniteWeight`] as for [`TaskWeights::new`].
    pub fn of_present_with_total(
        method: &'static str,
        losses: &TaskLosses,
        weights: &[f64],
        total: f64,
    ) -> Result<Self, BalanceError> {
        let weights = Self::of_present(method, losses, weights)?;
        Self::new(method, weights.values, total)
    }

    /// The mean of the weights of several blocks of parameters, where one number a task is
    /// needed: for a report, or for heads that receive the gradient of the weighted loss.
    ///
    /// # Panics
    /// If there is no block, or the tasks differ from block to block.
    #[must_use]
    pub fn mean(blocks: &[Self]) -> Self {
        let [first, others @ ..] = blocks else {
            panic!("weights have a mean over 1 block or more")
        };
        let mut sum = first.clone();
        for block in others {
            assert_eq!(block.values.len(), sum.values.len());
            for (sum, value) in sum.values.iter_mut().zip(&block.values) {
                assert_eq!(sum.is_some(), value.is_some());
                *sum = sum.zip(*value).map(|(sum, value)| sum + value);
            }
            sum.total += block.total;
        }
        sum.scaled(1.0 / blocks.len() as f64)
    }

    /// The weight of a task, `None` if it is absent from the step.
    pub fn get(&self, task: usize) -> Option<f64> {
        self.values.get(task).copied().flatten()
    }

    /// The weights, one entry a task.
    pub fn values(&self) -> &[Option<f64>] {
        &self.values
    }

    /// What the step minimises, in the unit of the losses where the method keeps it.
    pub fn total(&self) -> f64 {
        self.total
    }

    /// `Σ w_i` over present tasks: the factor by which the effective learning rate
    /// differs from that of a mean over tasks.
    pub fn sum(&self) -> f64 {
        self.values.iter().flatten().sum()
    }

    /// Number of present tasks.
    pub fn present_count(&self) -> usize {
        self.values.iter().flatten().count()
    }

    /// Weights and total times `factor`.
    pub(crate) fn scaled(mut self, factor: f64) -> Self {
        for value in self.values.iter_mut().flatten() {
            *value *= factor;
        }
        self.total *= factor;
        self
    }
}
