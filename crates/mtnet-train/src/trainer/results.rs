//! What a finished run says of itself.

use std::collections::BTreeMap;
use std::path::PathBuf;

use mtnet_core::TaskName;
use serde::{Deserialize, Serialize};

use super::calibration::CalibrationResults;
use super::selection::SplitMetrics;
use crate::events::{BalanceSummary, RunEndEvent};

/// `results.json`: scores of the selected weights, and what they are held against.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RunResults {
    /// Scores on the test split, taken once. Those of probabilities are of the calibrated ones.
    #[serde(deserialize_with = "crate::events::float::nested")]
    pub test: SplitMetrics,
    /// Scores on the development split, by which the weights were selected: before calibration.
    #[serde(deserialize_with = "crate::events::float::nested")]
    pub dev: SplitMetrics,
    /// Scores of the commonest answer of the training data on the test split (on the development
    /// split where there is no test split).
    #[serde(deserialize_with = "crate::events::float::nested")]
    pub majority: SplitMetrics,
    /// What calibration did to the probabilities of the tasks that have a temperature.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub calibration: BTreeMap<TaskName, CalibrationResults>,
    /// The metric that each task is selected and reported by.
    pub main_metric: BTreeMap<TaskName, String>,
    /// Optimizer step whose weights were selected.
    pub best_step: u64,
    /// Optimizer steps done.
    pub steps: u64,
    /// Seconds of training and evaluation.
    pub seconds: f64,
    /// Real tokens read by training steps, a second of training.
    pub tokens_per_second: f64,
    /// Numbers that were trained.
    pub trained_parameters: u64,
    /// How the tasks' gradients of the shared parameters got on, where they were looked at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub balance: Option<BalanceSummary>,
    /// The model folder.
    #[serde(skip)]
    pub model_folder: PathBuf,
    /// Why the run ended.
    pub end: RunEndEvent,
}

impl RunResults {
    /// The main score of a task on the test split, or on dev where there is no test split.
    pub fn main_score(&self, split: &SplitMetrics, task: &TaskName) -> Option<f64> {
        split.get(task)?.get(self.main_metric.get(task)?).copied()
    }
}
