//! How much each task counts, for methods that take a preference.

use std::collections::BTreeMap;

use crate::settings::{by_task, positive};
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
        let weights = by_task(method, "preference", tasks, table, 1.0, positive)?;
        Ok(Self(weights))
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
