//! How much each task counts, for methods that take a preference.

use std::collections::BTreeMap;

use crate::settings::{by_task, check_by_task};
use crate::{BalanceError, TaskInfo};

/// One positive number a task.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Preference(Vec<f64>);

impl Preference {
    /// From a table by task name; a task not named has 1.
    pub(super) fn new(
        method: &'static str,
        table: &BTreeMap<String, f64>,
        tasks: &[TaskInfo],
    ) -> Result<Self, BalanceError> {
        let above_zero = |value| value > 0.0;
        check_by_task(
            method,
            "preference",
            table,
            above_zero,
            "a finite number above 0",
        )?;
        Ok(Self(by_task(tasks, "preference", table, 1.0)?))
    }

    /// The numbers of the present tasks divided by how many those are, so that equal
    /// preferences make a mean.
    pub(super) fn mean(&self, present: &[usize]) -> Vec<f64> {
        let count = present.len() as f64;
        present.iter().map(|&task| self.0[task] / count).collect()
    }

    /// The numbers of the present tasks as they are.
    pub(super) fn raw(&self, present: &[usize]) -> Vec<f64> {
        present.iter().map(|&task| self.0[task]).collect()
    }
}
