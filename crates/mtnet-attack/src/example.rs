//! What is attacked.

use std::collections::BTreeMap;

use mtnet_core::{InputText, Target, TaskName};

/// A text with its right answers.
#[derive(Clone, Debug, PartialEq)]
pub struct AttackExample {
    /// Its number in the data; draws depend on it, so a part of the data is attacked as in the
    /// whole.
    pub index: usize,
    /// The text or pair.
    pub input: InputText,
    /// Targets by task: of the attacked one, and of those that a cross-task view compares.
    pub targets: BTreeMap<TaskName, Target>,
}
