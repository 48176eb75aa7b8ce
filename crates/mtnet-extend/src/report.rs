//! `extend.json`: what an extension did, for programs.

use std::path::PathBuf;

use mtnet_core::{Split, TaskName};
use mtnet_metrics::{Estimate, Unit};
use serde::{Deserialize, Serialize};

use crate::TrainOnly;

/// The newest format of `extend.json` and `few-shot.json`.
pub(crate) const FORMAT_VERSION: u32 = 1;

/// A whole extension.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ExtendReport {
    /// Format of the file.
    pub format_version: u32,
    /// Name of the run.
    pub run: String,
    /// The model that was extended.
    pub model: PathBuf,
    /// What was trained.
    pub train_only: TrainOnly,
    /// Share of the old tasks' examples that was replayed.
    pub replay: Option<f64>,
    /// Numbers that were trained.
    pub trained_parameters: u64,
    /// Optimizer steps.
    pub steps: u64,
    /// The step whose weights were selected on the development data.
    pub best_step: u64,
    /// Seconds of training and evaluation.
    pub seconds: f64,
    /// Samples of each bootstrap.
    pub resamples: usize,
    /// The new tasks in the order of the run file.
    pub new: Vec<NewTask>,
    /// The old tasks in the order of the model.
    pub old: Vec<OldTask>,
    /// What else should be known.
    pub notes: Vec<String>,
}

/// A task that was added.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct NewTask {
    /// The task.
    pub task: TaskName,
    /// What it is scored by.
    pub metric: String,
    /// What the metric is counted in.
    pub unit: Unit,
    /// What was scored: test, or development data where there is no test data.
    pub split: Split,
    /// How many examples.
    pub examples: usize,
    /// Score of the commonest answer of the training data.
    pub majority: Option<f64>,
    /// The score, with its bootstrap interval over the examples.
    pub score: Estimate,
    /// The same as a sentence.
    pub sentence: String,
}

/// A task that the model had.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OldTask {
    /// The task.
    pub task: TaskName,
    /// Whether it was trained too.
    pub replayed: bool,
    /// Its scores before and after; none where the run file names no data of it.
    pub standing: Option<Standing>,
    /// The same as a sentence.
    pub sentence: String,
}

/// Scores of an old task before and after, on the same examples.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Standing {
    /// What it is scored by.
    pub metric: String,
    /// What the metric is counted in.
    pub unit: Unit,
    /// What was scored: test, or development data where there is no test data.
    pub split: Split,
    /// How many examples.
    pub examples: usize,
    /// Score of the old model.
    #[serde(with = "crate::report::nan")]
    pub before: f64,
    /// Score of the extended model.
    #[serde(with = "crate::report::nan")]
    pub after: f64,
    /// The gain, counted upwards for the better one, with its paired bootstrap interval over the
    /// examples.
    pub gain: Estimate,
    /// Whether every answer is the same, bit for bit.
    pub same_answers: bool,
}

/// A score that may be undefined, `null` in JSON.
pub(crate) mod nan {
    use serde::{Deserialize, Deserializer, Serializer};

    pub fn serialize<S: Serializer>(value: &f64, serializer: S) -> Result<S::Ok, S::Error> {
        match value.is_finite() {
            true => serializer.serialize_some(value),
            false => serializer.serialize_none(),
        }
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<f64, D::Error> {
        Ok(Option::deserialize(deserializer)?.unwrap_or(f64::NAN))
    }
}
