//! The events of a run, each one line of `metrics.jsonl`: `{"event": "step", "step": 10, …}`.
//!
//! Losses are means in nats where a task's loss is a cross-entropy, and in the head's own unit
//! otherwise; steps are optimizer steps that were done; epochs are fractional.

use std::collections::BTreeMap;

use mtnet_core::{Split, TaskName};
use serde::{Deserialize, Serialize};

use super::{BalanceEvent, TaskEvent, float};

/// Fields whose values depend on the clock: without them, equal runs leave equal lines.
pub const WALL_CLOCK_FIELDS: [&str; 2] = ["seconds", "tokens_per_second"];

/// Something that happened in a run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Event {
    /// A run begins.
    RunStart(RunStartEvent),
    /// An optimizer step was done.
    Step(StepEvent),
    /// How the tasks' gradients got on with each other.
    Balance(BalanceEvent),
    /// A split was scored.
    Evaluation(EvaluationEvent),
    /// A checkpoint is about to be written.
    ///
    /// Recorded before the save, so that the line is there whenever the checkpoint is; a save
    /// that fails is followed by an alarm.
    Checkpoint(CheckpointEvent),
    /// A task begins or ends to rest.
    Task(TaskEvent),
    /// Something looks wrong.
    Alarm(AlarmEvent),
    /// A run ends.
    RunEnd(RunEndEvent),
}

/// The first event of a run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RunStartEvent {
    /// Name of the run.
    pub run: String,
    /// Seed of all its random streams.
    pub seed: u64,
    /// Tasks in the run file's order.
    pub tasks: Vec<TaskName>,
    /// Trained numbers.
    pub trained_parameters: u64,
    /// Optimizer steps that are planned.
    pub total_steps: u64,
}

/// One optimizer step.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StepEvent {
    /// Steps done, this one included.
    pub step: u64,
    /// Epochs done.
    #[serde(deserialize_with = "float::one")]
    pub epoch: f64,
    /// The total that was minimised.
    #[serde(deserialize_with = "float::one")]
    pub loss: f64,
    /// Unweighted mean loss of each task that had examples in the step.
    #[serde(deserialize_with = "float::map")]
    pub task_losses: BTreeMap<TaskName, f64>,
    /// Weight of each of those tasks in the total.
    #[serde(deserialize_with = "float::map")]
    pub task_weights: BTreeMap<TaskName, f64>,
    /// Learning rate of the encoder's top layer.
    #[serde(deserialize_with = "float::one")]
    pub learning_rate: f64,
    /// 2-norm of the gradient before clipping.
    #[serde(deserialize_with = "float::one")]
    pub grad_norm: f64,
    /// Tokens in the step.
    pub tokens: u64,
    /// Tokens a second since the last step event.
    #[serde(deserialize_with = "float::one")]
    pub tokens_per_second: f64,
    /// Seconds since the run began.
    #[serde(deserialize_with = "float::one")]
    pub seconds: f64,
}

/// The scores of one split.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EvaluationEvent {
    /// Steps done before it.
    pub step: u64,
    /// Epochs done before it.
    #[serde(deserialize_with = "float::one")]
    pub epoch: f64,
    /// What was scored.
    pub split: Split,
    /// Metrics of each task by name, its `loss` among them.
    #[serde(deserialize_with = "float::nested")]
    pub metrics: BTreeMap<TaskName, BTreeMap<String, f64>>,
    /// The number that models are selected by; absent for a split that selects nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub selection: Option<f64>,
    /// Whether it is the best so far.
    #[serde(default)]
    pub is_best: bool,
    /// Seconds that the evaluation took.
    #[serde(deserialize_with = "float::one")]
    pub seconds: f64,
}

/// A save.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CheckpointEvent {
    /// Steps done before it.
    pub step: u64,
    /// Name of its folder inside the run's folder.
    pub name: String,
    /// Whether it holds the best weights so far.
    pub is_best: bool,
}

/// What an alarm is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum AlarmKind {
    /// A loss is NaN or infinite.
    NonFiniteLoss,
    /// A gradient is NaN or infinite.
    NonFiniteGradient,
    /// A weight is NaN or infinite.
    NonFiniteWeight,
    /// The run went back to a checkpoint, with half the learning rate.
    RolledBack,
    /// A loss is far above its recent values.
    LossSpike,
    /// A task's first loss is not that of a guess.
    InitialLoss,
    /// A task's loss is what it was at first.
    NoLearning,
    /// A task's loss falls on train and rises on dev.
    Overfit,
    /// The gradient is far larger than usual, or always cut to a small part.
    ExplodingGradient,
    /// A layer's gradient is next to nothing.
    VanishingGradient,
    /// Most units of a map have no gradient.
    DeadUnits,
    /// Updates are far too large or small beside their weights.
    UpdateRatio,
    /// A trained tensor keeps every bit.
    UnchangedParameter,
    /// Batches hold next to no different tokens.
    EmptyInput,
    /// One task makes nearly all of the shared parameters' gradient.
    TaskDominates,
    /// Two tasks pull the shared parameters apart.
    TasksConflict,
    /// A checkpoint could not be written.
    CheckpointFailed,
    /// Something else; the message says what.
    Other,
}

/// Something that looks wrong.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AlarmEvent {
    /// Steps done before it.
    pub step: u64,
    /// What it is about.
    pub kind: AlarmKind,
    /// The task that it concerns, where it is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub task: Option<TaskName>,
    /// The layer or tensor that it concerns, where it is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<String>,
    /// What was seen, for a reader.
    pub message: String,
}

/// Why a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum RunEndReason {
    /// All planned steps were done.
    Finished,
    /// The score did not improve for long enough.
    EarlyStopping,
    /// The score reached its target.
    TargetReached,
    /// A signal asked for it.
    Interrupted,
    /// The loss diverged.
    Diverged,
    /// An error ended it.
    Failed,
}

/// The last event of a run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RunEndEvent {
    /// Steps done.
    pub step: u64,
    /// Why it ended.
    pub reason: RunEndReason,
    /// Seconds since the run began.
    #[serde(deserialize_with = "float::one")]
    pub seconds: f64,
}

impl Event {
    /// The end of a run after `step` steps and that many seconds.
    pub fn run_end(step: u64, reason: RunEndReason, seconds: f64) -> Self {
        Self::RunEnd(RunEndEvent {
            step,
            reason,
            seconds,
        })
    }

    /// How many optimizer steps were done when it happened.
    pub fn step(&self) -> u64 {
        match self {
            Self::RunStart(_) => 0,
            Self::Step(event) => event.step,
            Self::Balance(event) => event.step,
            Self::Evaluation(event) => event.step,
            Self::Checkpoint(event) => event.step,
            Self::Task(event) => event.step,
            Self::Alarm(event) => event.step,
            Self::RunEnd(event) => event.step,
        }
    }
}

macro_rules! from {
    ($($payload:ident => $variant:ident),*) => {
        $(impl From<$payload> for Event {
            fn from(event: $payload) -> Self {
                Self::$variant(event)
            }
        })*
    };
}

from!(
    RunStartEvent => RunStart,
    StepEvent => Step,
    BalanceEvent => Balance,
    EvaluationEvent => Evaluation,
    CheckpointEvent => Checkpoint,
    TaskEvent => Task,
    AlarmEvent => Alarm,
    RunEndEvent => RunEnd
);
