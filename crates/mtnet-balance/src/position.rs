//! Where a task that a setting names stands.

use mtnet_core::nearest;

use crate::{BalanceError, TaskInfo};

/// The position of the task called `name`.
///
/// # Errors
/// [`BalanceError::UnknownTask`], with the nearest known name.
pub(crate) fn task_position(
    tasks: &[TaskInfo],
    name: &str,
    setting: &str,
) -> Result<usize, BalanceError> {
    tasks
        .iter()
        .position(|task| task.name == name)
        .ok_or_else(|| BalanceError::UnknownTask {
            setting: setting.to_owned(),
            name: name.to_owned(),
            nearest: nearest(name, tasks.iter().map(|task| task.name.as_str())).map(str::to_owned),
            known: tasks.iter().map(|task| task.name.clone()).collect(),
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_misspelt_name_is_told_the_nearest_and_a_stranger_none() {
        let tasks = ["intent", "slots"].map(|name| TaskInfo::new(name, None));
        let suggestion = |name| match task_position(&tasks, name, "weights") {
            Err(BalanceError::UnknownTask { nearest, .. }) => nearest,
            other => panic!("{other:?}"),
        };
        assert_eq!(task_position(&tasks, "slots", "weights").ok(), Some(1));
        assert_eq!(suggestion("intents").as_deref(), Some("intent"));
        assert_eq!(suggestion("weather"), None);
    }
}
