//! The losses of one step, finite by construction.

use crate::BalanceError;

/// One loss a task, `None` for a task that the step has no example of.
#[derive(Clone, Debug, PartialEq)]
pub struct TaskLosses {
    values: Vec<Option<f64>>,
    step: u64,
    epoch: u64,
}

impl TaskLosses {
    /// The losses of a step, one entry a task in the order the method was built with.
    ///
    /// # Errors
    /// [`BalanceError::NonFiniteLoss`] if one is NaN or infinite.
    pub fn new(values: Vec<Option<f64>>) -> Result<Self, BalanceError> {
        for (task, value) in values.iter().enumerate() {
            if let Some(value) = *value
                && !value.is_finite()
            {
                return Err(BalanceError::NonFiniteLoss { task, value });
            }
        }
        Ok(Self {
            values,
            step: 0,
            epoch: 0,
        })
    }

    /// The same losses, of optimizer step `step` in epoch `epoch`, both counted from 0.
    #[must_use]
    pub fn at(self, step: u64, epoch: u64) -> Self {
        Self {
            step,
            epoch,
            ..self
        }
    }

    /// Number of tasks, absent ones included.
    pub fn len(&self) -> usize {
        self.values.len()
    }

    /// Whether there is no task at all.
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// The loss of a task, `None` if it is absent from the step.
    pub fn get(&self, task: usize) -> Option<f64> {
        self.values.get(task).copied().flatten()
    }

    /// The losses, one entry a task.
    pub fn values(&self) -> &[Option<f64>] {
        &self.values
    }

    /// Position and loss of each present task, in order.
    pub fn present(&self) -> impl Iterator<Item = (usize, f64)> + '_ {
        self.values
            .iter()
            .enumerate()
            .filter_map(|(task, value)| value.map(|value| (task, value)))
    }

    /// The losses of the present tasks, in order.
    pub fn present_values(&self) -> Vec<f64> {
        self.values.iter().flatten().copied().collect()
    }

    /// Number of present tasks.
    pub fn present_count(&self) -> usize {
        self.present().count()
    }

    /// The optimizer step, counted from 0.
    pub fn step(&self) -> u64 {
        self.step
    }

    /// The epoch, counted from 0.
    pub fn epoch(&self) -> u64 {
        self.epoch
    }

    /// Each loss times the factor of its task.
    pub(crate) fn scaled(&self, factors: &[f64]) -> Result<Self, BalanceError> {
        let pairs = self.values.iter().zip(factors);
        let values = pairs
            .map(|(loss, factor)| loss.map(|l| l * factor))
            .collect();
        Ok(Self::new(values)?.at(self.step, self.epoch))
    }

    /// Refuses losses of another number of tasks than `expected`.
    pub(crate) fn check_count(&self, expected: usize) -> Result<(), BalanceError> {
        if self.values.len() == expected {
            Ok(())
        } else {
            Err(BalanceError::TaskCount {
                expected,
                found: self.values.len(),
            })
        }
    }

    /// Refuses a present loss of `bound` or below.
    pub(crate) fn check_above(&self, method: &'static str, bound: f64) -> Result<(), BalanceError> {
        self.check_each(method, |value| value > bound)
    }

    /// Refuses a present loss below 0.
    pub(crate) fn check_not_negative(&self, method: &'static str) -> Result<(), BalanceError> {
        self.check_each(method, |value| value >= 0.0)
    }

    fn check_each(
        &self,
        method: &'static str,
        accept: impl Fn(f64) -> bool,
    ) -> Result<(), BalanceError> {
        match self.present().find(|(_, value)| !accept(*value)) {
            Some((task, value)) => Err(BalanceError::NonPositiveLoss {
                method,
                task,
                value,
            }),
            None => Ok(()),
        }
    }
}
