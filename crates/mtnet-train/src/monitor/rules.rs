//! All tracks together, and what they say in words.

use std::collections::{BTreeMap, BTreeSet};

use mtnet_core::{PackedBatch, TaskName};
use serde::{Deserialize, Serialize};

use super::alarms::{About, Heard};
use super::evaluations::EvaluationTrack;
use super::gradients::GradientTrack;
use super::inputs::Inputs;
use super::losses::{LossFinding, LossTrack};
use super::weights::WeightTrack;
use super::{Look, MonitorConfig};
use crate::events::{AlarmEvent, AlarmKind};
use crate::optimizer::HEAD_PREFIX;

/// The first steps, in which a task's loss is that of a guess.
const INITIAL_STEPS: u64 = 5;

/// A task as the monitors see it.
#[derive(Clone, Debug)]
pub(crate) struct WatchedTask {
    pub name: TaskName,
}

/// Numbers of a step that was taken.
#[derive(Clone, Copy, Debug)]
pub(crate) struct StepNumbers {
    /// Steps done, this one included.
    pub step: u64,
    /// 2-norm of the gradient before clipping.
    pub grad_norm: f64,
    /// What clipping multiplied it by.
    pub clip_scale: f64,
    /// Whether the warm-up is over.
    pub warm: bool,
}

/// The monitors of a run.
#[derive(Debug)]
pub(crate) struct Monitor {
    config: MonitorConfig,
    tasks: Vec<WatchedTask>,
    /// Layer of each trained tensor, by name.
    layers: BTreeMap<String, String>,
    state: MonitorState,
    /// Sums of losses and weights of the tasks of this step, and how often they came.
    losses: BTreeMap<TaskName, (f64, Option<f64>, u32)>,
    alarms: Vec<AlarmEvent>,
}

/// What a checkpoint keeps of the monitors.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct MonitorState {
    tasks: BTreeMap<TaskName, TaskState>,
    inputs: Inputs,
    gradients: GradientTrack,
    weights: WeightTrack,
    /// Tasks that had examples since tensors were last compared.
    present: BTreeSet<TaskName>,
    heard: Heard,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct TaskState {
    losses: LossTrack,
    evaluations: EvaluationTrack,
    weight: f64,
    dominated: u64,
}

impl Monitor {
    pub fn new(
        config: MonitorConfig,
        tasks: Vec<WatchedTask>,
        layers: BTreeMap<String, String>,
    ) -> Self {
        Self {
            config,
            tasks,
            layers,
            state: MonitorState::default(),
            losses: BTreeMap::new(),
            alarms: Vec::new(),
        }
    }

    pub fn state(&self) -> &MonitorState {
        &self.state
    }

    pub fn restore(&mut self, state: MonitorState) {
        self.state = state;
        self.forget_step();
    }

    /// Whether the step after `step` steps is one to look at single tensors in.
    pub fn looks(&self, step: u64) -> bool {
        self.config.enabled && step.is_multiple_of(self.config.every)
    }

    /// Whether all bits of the weights are to be compared after `step` steps.
    pub fn compares(&self, step: u64) -> bool {
        let every = self.config.unchanged_steps;
        self.config.enabled && every > 0 && step.is_multiple_of(every)
    }

    /// Steps from one comparison of all bits to the next.
    pub fn unchanged_steps(&self) -> u64 {
        self.config.unchanged_steps
    }

    /// Takes in a batch of step `step`, the first of which is 1.
    pub fn batch(&mut self, step: u64, batch: &PackedBatch) {
        if self.config.enabled && self.state.inputs.take(batch) >= self.config.patience_steps {
            let message = "the batches of the last steps hold no more than 4 different tokens, as \
                           if texts were empty or in an alphabet that the vocabulary lacks; look \
                           at the text fields with `mtnet check`";
            self.raise(step, AlarmKind::EmptyInput, About::default(), message);
        }
    }

    /// Takes in a task's loss in a batch, and its weight where it has one.
    pub fn loss(&mut self, task: &TaskName, loss: f64, weight: Option<f64>) {
        let sums = self
            .losses
            .entry(task.clone())
            .or_insert((0.0, Some(0.0), 0));
        sums.0 += loss;
        sums.1 = sums.1.zip(weight).map(|(sum, weight)| sum + weight);
        sums.2 += 1;
    }

    /// Whether a task's loss in a batch of step `step` is one to hold against that of a guess.
    pub fn awaits_first(&self, step: u64, task: &TaskName) -> bool {
        let seen = self
            .state
            .tasks
            .get(task)
            .map_or(0, |state| state.losses.count());
        self.config.enabled && step <= INITIAL_STEPS && seen == 0
    }

    /// Compares a task's first loss, the mean of `rows`, with `expected`, that of equal scores.
    pub fn first_loss(
        &mut self,
        step: u64,
        task: &TaskName,
        loss: f64,
        expected: f64,
        rows: usize,
    ) {
        let slack = self.config.initial_loss * expected + (rows.max(1) as f64).sqrt().recip();
        if (loss - expected).abs() > slack {
            let message = format!(
                "task `{task}` begins with a loss of {loss:.3}, a guess would have {expected:.3}: \
                 its head starts out sure of something; look at initial weights and at the scale \
                 of the encoder's rows"
            );
            self.raise(step, AlarmKind::InitialLoss, About::task(task), message);
        }
    }

    /// Ends a step that was taken.
    pub fn step(&mut self, numbers: StepNumbers) {
        let losses = std::mem::take(&mut self.losses);
        if !self.config.enabled {
            return;
        }
        let step = numbers.step;
        for (task, (sum, weight, count)) in losses {
            let loss = sum / f64::from(count.max(1));
            let state = self.state.tasks.entry(task.clone()).or_default();
            state.weight = weight.map_or(0.0, |weight| weight.abs() / f64::from(count.max(1)));
            let finding = state.losses.take(&self.config, loss, numbers.warm);
            self.state.present.insert(task.clone());
            match finding {
                Some(LossFinding::Spike { loss, usual }) => {
                    let message = format!(
                        "the loss of task `{task}` is {loss:.3}, and was {usual:.3} before (median \
                         of the last steps); lower the learning rate, or clip gradients shorter \
                         (`train.max_grad_norm`)"
                    );
                    self.raise(step, AlarmKind::LossSpike, About::task(&task), message);
                }
                Some(LossFinding::NoLearning { first, now }) => {
                    let message = format!(
                        "task `{task}` has not learned in {step} steps: its loss is {now:.3} and \
                         was {first:.3} at first; look whether labels belong to their texts, and \
                         whether the learning rate is far too low or too high"
                    );
                    self.raise(step, AlarmKind::NoLearning, About::task(&task), message);
                }
                None => {}
            }
        }
        self.dominance(step);
        let gradients = &mut self.state.gradients;
        if let Some(finding) = gradients.take(&self.config, numbers.grad_norm, numbers.clip_scale) {
            self.tell_gradient(step, finding);
        }
    }

    /// Forgets the losses of a step that was not taken.
    pub fn forget_step(&mut self) {
        self.losses.clear();
    }

    /// Takes in what a look saw of single tensors in step `step`.
    pub fn look(&mut self, step: u64, factor: f64, looks: &[Look]) {
        let layers = &self.layers;
        let layer_of = |name: &str| layers.get(name).cloned().unwrap_or_else(|| name.to_owned());
        let found = self
            .state
            .gradients
            .look(&self.config, step, looks, &layer_of);
        for finding in found {
            self.tell_gradient(step, finding);
        }
        for finding in self.state.weights.look(&self.config, step, looks, factor) {
            self.tell_ratio(step, &finding);
        }
    }

    /// Takes in the bits of all trained tensors; `waits` says which are not trained yet.
    pub fn compare(
        &mut self,
        step: u64,
        bits: BTreeMap<String, u64>,
        waits: &dyn Fn(&str) -> bool,
    ) {
        let mut same = self.state.weights.unchanged(bits);
        let present = std::mem::take(&mut self.state.present);
        same.retain(|name| {
            let of_absent = name.strip_prefix(HEAD_PREFIX).is_some_and(|rest| {
                let task = rest.split_once('.').map_or(rest, |(task, _)| task);
                !present.iter().any(|name| name.as_str() == task)
            });
            !of_absent && !waits(name)
        });
        let Some(first) = same.first() else { return };
        let others = match same.len() - 1 {
            0 => String::new(),
            more => format!(" and {more} other trained tensors"),
        };
        let layer = self.layers.get(first).cloned().unwrap_or_default();
        let message = format!(
            "`{first}`{others} did not change by one bit in {} steps; look at its learning rate \
             (`learning_rate`, `layerwise_decay`), or freeze the layer on purpose \
             (`encoder.freeze_layers`)",
            self.config.unchanged_steps
        );
        self.raise(
            step,
            AlarmKind::UnchangedParameter,
            About::place(&layer),
            message,
        );
    }

    /// Takes in an evaluation: the loss of each task on dev.
    pub fn evaluation(&mut self, step: u64, dev: &BTreeMap<TaskName, f64>) {
        if !self.config.enabled {
            return;
        }
        for task in self.tasks.clone() {
            let task = task.name;
            let Some(state) = self.state.tasks.get_mut(&task) else {
                continue;
            };
            let Some((train, dev)) = state.losses.take_mean().zip(dev.get(&task).copied()) else {
                continue;
            };
            let apart = state.evaluations.take(train, dev);
            if apart >= self.config.overfit_evaluations {
                let message = format!(
                    "task `{task}` overfits: in {apart} evaluations its loss on train fell to \
                     {train:.3} and that on dev rose to {dev:.3}; stop early \
                     (`train.early_stopping_patience`), or regularise: dropout, \
                     `train.weight_decay`, `train.r_drop`, fewer epochs"
                );
                self.raise(step, AlarmKind::Overfit, About::task(&task), message);
            }
        }
    }

    /// Alarms since the last call.
    pub fn take_alarms(&mut self) -> Vec<AlarmEvent> {
        std::mem::take(&mut self.alarms)
    }

    /// Scale counts, not the moment: a task that has been learned has a small loss by right.
    fn dominance(&mut self, step: u64) {
        let sizes: Option<Vec<(TaskName, f64)>> = self
            .tasks
            .iter()
            .map(|task| {
                let state = self.state.tasks.get(&task.name)?;
                let size = state.weight * state.losses.first_mean()?;
                Some((task.name.clone(), size))
            })
            .collect();
        let sizes = sizes.unwrap_or_default();
        let total: f64 = sizes.iter().map(|(_, size)| size).sum();
        if sizes.len() < 2 || total <= 0.0 {
            return;
        }
        for (task, size) in sizes {
            let share = size / total;
            let state = self.state.tasks.entry(task.clone()).or_default();
            state.dominated = match share > self.config.dominance {
                true => state.dominated + 1,
                false => 0,
            };
            if state.dominated >= self.config.patience_steps {
                let message = format!(
                    "task `{task}` makes {:.2} % of the total loss, by the scale of its loss and \
                     its weight; weigh the tasks (`[balance] method = \"uncertainty\"`, or \
                     `\"fixed\"` with `weights`), or bring its targets to the scale of the others",
                    100.0 * share
                );
                self.raise(step, AlarmKind::TaskDominates, About::task(&task), message);
            }
        }
    }

    pub(super) fn raise(
        &mut self,
        step: u64,
        kind: AlarmKind,
        about: About,
        message: impl Into<String>,
    ) {
        let times = (step, self.config.repeat_steps);
        let heard = &mut self.state.heard;
        heard.raise(&mut self.alarms, times, kind, about, message.into());
    }

    /// Raises an alarm that counts as one of `key`, wherever it was seen.
    pub(super) fn raise_as(
        &mut self,
        step: u64,
        kind: AlarmKind,
        key: &str,
        about: About,
        message: String,
    ) {
        let count = self.alarms.len();
        self.raise(step, kind, About::place(key), message);
        if let Some(alarm) = self.alarms.get_mut(count) {
            alarm.place = about.place;
        }
    }
}
