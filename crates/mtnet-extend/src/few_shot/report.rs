//! `few-shot.json`: curves, for programs that draw or check them.

use mtnet_compare::Verdict;
use mtnet_core::{Split, TaskName};
use mtnet_metrics::{Estimate, Unit};
use serde::{Deserialize, Serialize};

use crate::TrainOnly;

/// Curves of all new tasks.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FewShotReport {
    /// Format of the file.
    pub format_version: u32,
    /// Name of the run.
    pub run: String,
    /// The multi-task encoder: a model folder.
    pub model: String,
    /// The plain encoder.
    pub against: String,
    /// What is trained on both sides.
    pub train_only: TrainOnly,
    /// The seeds, in the order of all lists of scores.
    pub seeds: Vec<u64>,
    /// Optimizer steps of a run at least.
    pub min_steps: u64,
    /// Share of repetitions in which an interval holds the truth.
    pub level: f64,
    /// Samples of each bootstrap.
    pub resamples: usize,
    /// The tasks.
    pub tasks: Vec<FewShotTask>,
}

/// The curve of a task.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FewShotTask {
    /// The task.
    pub task: TaskName,
    /// What it is scored by.
    pub metric: String,
    /// What the metric is counted in.
    pub unit: Unit,
    /// Whether a higher score is the better one.
    pub higher_is_better: bool,
    /// What was scored: test, or development data where there is no test data.
    pub split: Split,
    /// How many examples were scored.
    pub examples: usize,
    /// Training examples that there are.
    pub available: usize,
    /// Score of the commonest answer of all training data.
    pub majority: Option<f64>,
    /// Sizes that were asked for and are more than there are.
    pub left_out: Vec<usize>,
    /// By rising size.
    pub points: Vec<FewShotPoint>,
}

/// One size.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FewShotPoint {
    /// Training examples.
    pub size: usize,
    /// Whether these are all that there are.
    pub is_all: bool,
    /// Optimizer steps of each run.
    pub steps: u64,
    /// Scores from the multi-task encoder by seed.
    pub multi: Vec<Option<f64>>,
    /// Their mean with Student's interval over seeds.
    pub multi_mean: Estimate,
    /// Scores from the plain encoder by seed.
    pub plain: Vec<Option<f64>>,
    /// Their mean with Student's interval over seeds.
    pub plain_mean: Estimate,
    /// Mean gain of the multi-task encoder, counted upwards for the better one, with the paired
    /// bootstrap interval over test examples and seeds.
    pub gain: Estimate,
    /// What the interval supports.
    pub verdict: Verdict,
    /// The same as a sentence.
    pub sentence: String,
}
