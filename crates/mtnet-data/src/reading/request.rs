//! What a task asks of a data set.

use mtnet_core::{TargetKind, TaskName};

use crate::config::FieldName;

/// The field or fields of a data set that hold a task's targets.
///
/// One field as a rule. Several are joined by `_` for [`TargetKind::Label`] (`scenario` and
/// `intent` make `alarm_set`), one number each for [`TargetKind::Numbers`], and one column of truth
/// values each for [`TargetKind::Labels`], named after the field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TaskField {
    /// The task.
    pub task: TaskName,
    /// Its fields, at least one; exactly one for [`TargetKind::Tags`], and two for
    /// [`TargetKind::Spans`]: that of the answers and that of their first characters.
    pub fields: Vec<FieldName>,
    /// What they hold.
    pub kind: TargetKind,
}

impl TaskField {
    /// A task that reads one field.
    pub fn new(task: TaskName, field: impl Into<FieldName>, kind: TargetKind) -> Self {
        Self {
            task,
            fields: vec![field.into()],
            kind,
        }
    }
}
