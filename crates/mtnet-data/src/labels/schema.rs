//! What a task's targets look like in columns.

use std::collections::BTreeMap;

use mtnet_core::{LabelSet, TaskName};

use super::{TagScheme, UnknownLabel};
use crate::TargetKind;

/// How one task's raw targets are encoded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TaskSchema {
    /// What kind of target it has.
    pub kind: TargetKind,
    /// Its labels, `None` for numbers and answers.
    pub labels: Option<LabelSet>,
    /// Numbers of a target, or columns of labels; of answers beginning and end.
    pub width: usize,
    /// What becomes of a label that is not in the set.
    pub unknown_label: UnknownLabel,
    /// How the files write its tags; never [`TagScheme::Auto`].
    pub scheme: TagScheme,
}

/// The schemas of all tasks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TaskSchemas(BTreeMap<TaskName, TaskSchema>);

impl TaskSchemas {
    /// The schema of a task.
    pub fn get(&self, task: &TaskName) -> Option<&TaskSchema> {
        self.0.get(task)
    }

    /// All tasks by name.
    pub fn iter(&self) -> impl Iterator<Item = (&TaskName, &TaskSchema)> {
        self.0.iter()
    }

    /// Columns of the multi-label and number tasks, as a batch needs them.
    pub fn widths(&self) -> BTreeMap<TaskName, usize> {
        self.0
            .iter()
            .filter(|(_, schema)| matches!(schema.kind, TargetKind::Labels | TargetKind::Numbers))
            .map(|(task, schema)| (task.clone(), schema.width))
            .collect()
    }
}

impl FromIterator<(TaskName, TaskSchema)> for TaskSchemas {
    fn from_iter<I: IntoIterator<Item = (TaskName, TaskSchema)>>(schemas: I) -> Self {
        Self(schemas.into_iter().collect())
    }
}
