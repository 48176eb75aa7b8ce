//! Scaling by the number of classes: `total = Σ L_i / ln n_i`.
//!
//! A cross-entropy over `n` classes starts near `ln n`, so a task with many classes
//! drowns one with few; the division brings all of them to about 1 (Aghajanyan et
//! al., "Muppet: Massive Multi-task Representations with Pre-Finetuning", EMNLP
//! 2021, §3.2). A task without classes (a regression) keeps the weight 1.

use super::LossWeighting;
use crate::{BalanceError, TaskInfo, TaskLosses, TaskWeights};

const NAME: &str = "log-class";

/// Weights `1 / ln n_i`, with `n_i` the number of classes.
#[derive(Clone, Debug, PartialEq)]
pub struct LogClassWeighting {
    weights: Vec<f64>,
}

impl LogClassWeighting {
    /// Reads the number of classes of each task.
    ///
    /// # Errors
    /// [`BalanceError::Task`] for a task of fewer than 2 classes, whose `ln n` is no scale.
    pub fn new(tasks: &[TaskInfo]) -> Result<Self, BalanceError> {
        let weights = tasks
            .iter()
            .map(|task| match task.classes {
                None => Ok(1.0),
                Some(classes) if classes >= 2 => Ok(1.0 / (classes as f64).ln()),
                Some(classes) => Err(BalanceError::Task {
                    method: NAME,
                    task: task.name.clone(),
                    problem: format!("has {classes} class, but the scale ln(classes) needs at least 2; give it more labels or drop the task"),
                }),
            })
            .collect::<Result<_, _>>()?;
        Ok(Self { weights })
    }

    /// `1 / ln n_i` of each task, 1 for a regression.
    pub fn weights(&self) -> &[f64] {
        &self.weights
    }
}

impl LossWeighting for LogClassWeighting {
    fn name(&self) -> &'static str {
        NAME
    }

    fn weigh(&mut self, losses: &TaskLosses) -> Result<TaskWeights, BalanceError> {
        losses.check_count(self.weights.len())?;
        TaskWeights::linear(NAME, losses, |task, _| self.weights[task])
    }
}
