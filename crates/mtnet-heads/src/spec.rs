//! A task as its head needs to know it, and as a model folder keeps it.

use mtnet_core::TaskName;
use serde::{Deserialize, Serialize};

use crate::HeadConfig;

/// Name, head and columns of a task.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TaskSpec {
    /// Name of the task.
    pub name: TaskName,
    /// Its head.
    pub head: HeadConfig,
    /// What each column of the scores means: labels, or names of the regression targets.
    pub labels: Vec<String>,
    /// How often each label occurs in the training data, for balanced losses; may be empty.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub label_counts: Vec<u64>,
    /// How many training examples there are.
    #[serde(default)]
    pub train_examples: u64,
}

impl TaskSpec {
    /// A task whose training data is not known.
    pub fn new<S: Into<String>>(
        name: TaskName,
        head: HeadConfig,
        labels: impl IntoIterator<Item = S>,
    ) -> Self {
        let labels = labels.into_iter().map(Into::into).collect();
        Self {
            name,
            head,
            labels,
            label_counts: Vec::new(),
            train_examples: 0,
        }
    }

    /// Occurrences of each label, one where they are not known.
    pub(crate) fn counts(&self) -> Vec<u64> {
        if self.label_counts.len() == self.labels.len() {
            self.label_counts.clone()
        } else {
            vec![1; self.labels.len()]
        }
    }
}
