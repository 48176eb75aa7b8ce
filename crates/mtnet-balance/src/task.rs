//! What a method may know of a task before training starts.

use std::collections::BTreeSet;

use crate::BalanceError;

/// Name and number of classes of one task.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TaskInfo {
    /// Name, as the run file gives it.
    pub name: String,
    /// Number of classes the loss chooses between; `None` for a regression.
    pub classes: Option<usize>,
}

impl TaskInfo {
    /// A task called `name` whose loss chooses between `classes` classes.
    pub fn new(name: impl Into<String>, classes: Option<usize>) -> Self {
        Self {
            name: name.into(),
            classes,
        }
    }
}

/// Refuses an empty list and a name given twice.
pub(crate) fn check_tasks(tasks: &[TaskInfo]) -> Result<(), BalanceError> {
    if tasks.is_empty() {
        return Err(BalanceError::NoTasks);
    }
    let mut seen = BTreeSet::new();
    match tasks.iter().find(|task| !seen.insert(task.name.as_str())) {
        Some(task) => Err(BalanceError::DuplicateTask(task.name.clone())),
        None => Ok(()),
    }
}
