//! The lines of `metrics.jsonl` as a report needs them.
//!
//! The trainer owns the format; this reader takes from a line what it knows, so that logs of older
//! and newer versions can be shown. Losses are means in nats where a loss is a cross-entropy; steps
//! are optimizer steps that were done; epochs are fractional.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::number;

/// Metrics of each task by name.
pub type SplitMetrics = BTreeMap<String, BTreeMap<String, f64>>;

/// One line.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Event {
    /// A run begins.
    RunStart(RunStart),
    /// An optimizer step was done.
    Step(Step),
    /// How the tasks' gradients got on with each other.
    Balance(Balance),
    /// A split was scored.
    Evaluation(Evaluation),
    /// A checkpoint is about to be written.
    Checkpoint(Checkpoint),
    /// Something looks wrong.
    Alarm(Alarm),
    /// A run ends.
    RunEnd(RunEnd),
    /// A kind of line that this version does not know.
    #[serde(other)]
    Other,
}

/// The first line.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct RunStart {
    /// Name of the run.
    pub run: String,
    /// Its seed.
    pub seed: u64,
    /// Tasks in the run file's order.
    pub tasks: Vec<String>,
    /// Trained numbers.
    pub trained_parameters: u64,
    /// Steps that are planned.
    pub total_steps: u64,
}

/// One optimizer step.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Step {
    /// Steps done, this one included.
    pub step: u64,
    /// Epochs done.
    #[serde(default, deserialize_with = "number::one")]
    pub epoch: f64,
    /// The total that was minimised.
    #[serde(deserialize_with = "number::one")]
    pub loss: f64,
    /// Unweighted mean loss of each task of the step.
    #[serde(default, deserialize_with = "number::map")]
    pub task_losses: BTreeMap<String, f64>,
    /// Weight of each of those tasks.
    #[serde(default, deserialize_with = "number::map")]
    pub task_weights: BTreeMap<String, f64>,
    /// Learning rate of the encoder's top layer.
    #[serde(default, deserialize_with = "number::one")]
    pub learning_rate: f64,
    /// 2-norm of the gradient before clipping.
    #[serde(default, deserialize_with = "number::one")]
    pub grad_norm: f64,
    /// Tokens a second since the last such line.
    #[serde(default, deserialize_with = "number::one")]
    pub tokens_per_second: f64,
    /// Seconds since the run began.
    #[serde(default, deserialize_with = "number::one")]
    pub seconds: f64,
}

/// Gradients since the last line of this kind.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
pub struct Balance {
    /// Steps done before it; 0 in a summary of a whole run.
    #[serde(default)]
    pub step: u64,
    /// Looks at the gradients.
    #[serde(default)]
    pub samples: u64,
    /// Each task that was seen.
    #[serde(default)]
    pub tasks: BTreeMap<String, TaskGradient>,
    /// Each pair of tasks that was seen in one step.
    #[serde(default)]
    pub pairs: Vec<PairGradient>,
}

/// The gradient of one task.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct TaskGradient {
    /// 2-norm of the unweighted gradient.
    #[serde(deserialize_with = "number::one")]
    pub gradient_norm: f64,
    /// Its weight, where the method gives weights.
    #[serde(default)]
    pub weight: Option<f64>,
    /// Its share of the combined gradient, where the method gives weights.
    #[serde(default)]
    pub share: Option<f64>,
}

/// The gradients of two tasks.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct PairGradient {
    /// The two.
    pub tasks: [String; 2],
    /// Cosine of their gradients.
    #[serde(deserialize_with = "number::one")]
    pub cosine: f64,
    /// Share of the looks with a cosine below 0.
    #[serde(default, deserialize_with = "number::one")]
    pub conflict_rate: f64,
}

/// The scores of a split.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Evaluation {
    /// Steps done before it.
    pub step: u64,
    /// `train`, `dev` or `test`.
    pub split: String,
    /// Metrics of each task, its `loss` among them.
    #[serde(deserialize_with = "number::nested")]
    pub metrics: SplitMetrics,
    /// The number that models are selected by.
    #[serde(default)]
    pub selection: Option<f64>,
    /// Whether it is the best so far.
    #[serde(default)]
    pub is_best: bool,
    /// Seconds that it took.
    #[serde(default, deserialize_with = "number::one")]
    pub seconds: f64,
}

/// A save.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct Checkpoint {
    /// Steps done before it.
    pub step: u64,
    /// Name of its folder.
    pub name: String,
    /// Whether it holds the best weights so far.
    pub is_best: bool,
}

/// Something that looks wrong.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct Alarm {
    /// Steps done before it.
    pub step: u64,
    /// What it is about, as `loss_spike`.
    pub kind: String,
    /// The task that it concerns, where it is one.
    pub task: Option<String>,
    /// What was seen.
    pub message: String,
}

/// The last line.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct RunEnd {
    /// Steps done.
    pub step: u64,
    /// Why it ended, as `early_stopping`.
    pub reason: String,
    /// Seconds since the run began.
    #[serde(deserialize_with = "number::one")]
    pub seconds: f64,
}
