//! What a line of the log sums up: the steps since the line before it.

use std::collections::BTreeMap;
use std::time::Instant;

use mtnet_core::TaskName;
use serde::{Deserialize, Serialize};

use crate::events::StepEvent;

/// Sums from one logged step to the next, and when the first of them began.
pub(super) struct Window {
    since: Instant,
    pub state: LogWindow,
}

/// The sums. A checkpoint keeps them, so that a run that goes on writes the same lines.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct LogWindow {
    pub(super) steps: u64,
    pub(super) tokens: u64,
    pub(super) total: f64,
    losses: BTreeMap<TaskName, TaskWindow>,
    pub(super) grad_norm: f64,
    pub(super) learning_rate: f64,
}

/// Sums of one task.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct TaskWindow {
    loss: f64,
    count: u64,
    weight: f64,
    weighted: u64,
}

impl Window {
    pub fn new() -> Self {
        Self {
            since: Instant::now(),
            state: LogWindow::default(),
        }
    }

    pub fn event(self, step: u64, epoch: f64, seconds: f64) -> StepEvent {
        let state = self.state;
        let tasks = || state.losses.iter();
        StepEvent {
            step,
            epoch,
            loss: state.total / state.steps.max(1) as f64,
            task_losses: tasks()
                .map(|(task, sums)| (task.clone(), sums.loss / sums.count as f64))
                .collect(),
            task_weights: tasks()
                .filter(|(_, sums)| sums.weighted > 0)
                .map(|(task, sums)| (task.clone(), sums.weight / sums.weighted as f64))
                .collect(),
            learning_rate: state.learning_rate,
            grad_norm: state.grad_norm,
            tokens: state.tokens,
            tokens_per_second: state.tokens as f64 / self.since.elapsed().as_secs_f64().max(1e-9),
            seconds,
        }
    }
}

impl LogWindow {
    pub(super) fn add(&mut self, task: &TaskName, loss: f64, weight: Option<f64>) {
        let sums = self.losses.entry(task.clone()).or_default();
        sums.loss += loss;
        sums.count += 1;
        if let Some(weight) = weight {
            sums.weight += weight;
            sums.weighted += 1;
        }
    }
}
