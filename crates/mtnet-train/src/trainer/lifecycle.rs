//! Tasks that rest once they no longer improve, and wake when they degrade.
//!
//! A resting task's targets are taken from the batches, so that its loss trains neither encoder nor
//! head; its texts are still read where they share a batch with others. It rests after `patience`
//! evaluations without a better score on the development data, and wakes once its score is worse
//! than its best by more than `wake_up`: with a shared encoder that goes on learning for other tasks,
//! a task that was done may degrade (the "resurrection" of multi-task trainers such as MAGPIE). Its
//! score on the development data is taken all the same.

use std::collections::BTreeMap;

use mtnet_core::{PackedBatch, TaskName};
use serde::{Deserialize, Serialize};

use super::selection::{MainMetric, SplitMetrics};
use crate::events::{TaskChange, TaskEvent};
use crate::optimizer::{HEAD_PREFIX, Parameter};
use crate::run_file::TaskConfig;

/// Where each task with patience stands. A checkpoint keeps it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Lifecycle(BTreeMap<TaskName, Life>);

/// Where a task stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Life {
    /// Its best score, counted upwards, and the step of it.
    best: Option<(f64, u64)>,
    /// Evaluations since.
    waited: usize,
    rests: bool,
    /// The step at which it last fell asleep or woke.
    changed: u64,
}

impl Lifecycle {
    /// Takes in an evaluation after `step` steps; what became of tasks.
    pub(super) fn take(
        &mut self,
        tasks: &[TaskConfig],
        main: &[MainMetric],
        metrics: &SplitMetrics,
        step: u64,
    ) -> Vec<TaskEvent> {
        let mut events = Vec::new();
        for task in tasks {
            let Some(patience) = task.patience else {
                continue;
            };
            let main = main.iter().find(|main| main.task == task.name);
            let value =
                main.and_then(|main| Some((main, *metrics.get(&main.task)?.get(&main.metric)?)));
            let Some((main, value)) = value.filter(|(_, value)| value.is_finite()) else {
                continue;
            };
            let sign = if main.lower_is_better { -1.0 } else { 1.0 };
            let life = self.0.entry(task.name.clone()).or_default();
            let Some(change) = life.take(sign * value, step, patience, task.wake_up) else {
                continue;
            };
            let (best, best_step) = life.best.unwrap_or((sign * value, step));
            events.push(TaskEvent {
                step,
                task: task.name.clone(),
                change,
                metric: main.metric.clone(),
                score: value,
                best: sign * best,
                best_step,
            });
        }
        events
    }

    /// Whether a task rests.
    pub fn rests(&self, task: &TaskName) -> bool {
        self.0.get(task).is_some_and(|life| life.rests)
    }

    /// Whether every one of these tasks does.
    pub(super) fn all_rest(&self, tasks: &[TaskConfig]) -> bool {
        tasks.iter().all(|task| self.rests(&task.name))
    }

    /// A batch without the targets of resting tasks; `None` where there is nothing to take away.
    pub(super) fn without_resting(&self, batch: &PackedBatch) -> Option<PackedBatch> {
        let rests = |task: &TaskName| self.rests(task);
        batch.targets.keys().any(rests).then(|| {
            let mut batch = batch.clone();
            batch.targets.retain(|task, _| !rests(task));
            batch
        })
    }

    /// Whether the parameter of that name belongs to a head that has rested since `step`.
    pub(super) fn rested(&self, name: &str, step: u64) -> bool {
        let task = name
            .strip_prefix(HEAD_PREFIX)
            .and_then(|rest| rest.split_once('.'));
        let life = task.and_then(|(task, _)| self.0.get(&TaskName::new(task).ok()?));
        life.is_some_and(|life| life.rests || life.changed > step)
    }
}

impl Life {
    fn take(
        &mut self,
        score: f64,
        step: u64,
        patience: usize,
        wake_up: Option<f64>,
    ) -> Option<TaskChange> {
        let best = self.best.map_or(f64::NEG_INFINITY, |(best, _)| best);
        if score > best {
            (self.best, self.waited) = (Some((score, step)), 0);
            return None;
        }
        let change = if self.rests {
            (score < best - wake_up.unwrap_or(f64::INFINITY)).then_some(TaskChange::Wakes)
        } else {
            self.waited += 1;
            (self.waited >= patience).then_some(TaskChange::Rests)
        };
        if let Some(change) = change {
            self.rests = change == TaskChange::Rests;
            (self.waited, self.changed) = (0, step);
        }
        change
    }
}

/// Gives the heads of tasks that state a learning rate a group of their own.
pub(super) fn with_own_rates(
    mut parameters: Vec<Parameter>,
    tasks: &[TaskConfig],
) -> Vec<Parameter> {
    for task in tasks {
        let Some(rate) = task.learning_rate else {
            continue;
        };
        let head = format!("{HEAD_PREFIX}{}", task.name);
        let own = |name: &str| {
            name.strip_prefix(&*head)
                .is_some_and(|rest| rest.starts_with('.'))
        };
        for parameter in parameters.iter_mut().filter(|p| own(&p.name)) {
            let group = &mut parameter.group;
            group.name = group.name.replacen("heads", &head, 1);
            group.learning_rate = rate;
        }
    }
    parameters
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_task_rests_after_its_patience_and_wakes_when_it_degrades() {
        let mut life = Life::default();
        let mut told = Vec::new();
        for (step, score) in (1..).zip([0.5, 0.4, 0.6, 0.6, 0.5, 0.58, 0.53, 0.5, 0.7, 0.4]) {
            told.push(life.take(score, step, 2, Some(0.05)));
        }
        use TaskChange::{Rests, Wakes};
        let expected = [
            None,
            None,
            None,
            None,
            Some(Rests),
            // 0.58 is within 0.05 of 0.6, 0.53 is not.
            None,
            Some(Wakes),
            None,
            None,
            None,
        ];
        assert_eq!(told, expected);
        assert_eq!(life.best, Some((0.7, 9)));

        let mut asleep = Life::default();
        let told: Vec<_> = [1.0, 0.0, -9.0]
            .map(|score| asleep.take(score, 0, 1, None))
            .into();
        assert_eq!(told, [None, Some(Rests), None]);
    }
}
