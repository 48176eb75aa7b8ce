//! A task that begins to rest, or learns again.

use std::fmt;

use mtnet_core::TaskName;
use serde::{Deserialize, Serialize};

use super::float;

/// What becomes of a task.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TaskChange {
    /// Its loss trains nothing from here on.
    Rests,
    /// It learns again.
    Wakes,
}

/// A task begins to rest, or learns again.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TaskEvent {
    /// Steps done before it.
    pub step: u64,
    /// The task.
    pub task: TaskName,
    /// What becomes of it.
    pub change: TaskChange,
    /// Its metric.
    pub metric: String,
    /// Its score on the development data.
    #[serde(deserialize_with = "float::one")]
    pub score: f64,
    /// Its best one.
    #[serde(deserialize_with = "float::one")]
    pub best: f64,
    /// Steps done before that.
    pub best_step: u64,
}

impl fmt::Display for TaskEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let change = match self.change {
            TaskChange::Rests => "rests",
            TaskChange::Wakes => "learns again",
        };
        write!(
            f,
            "{} {change}: {} {:.4}, its best {:.4} at step {}",
            self.task, self.metric, self.score, self.best, self.best_step
        )
    }
}
