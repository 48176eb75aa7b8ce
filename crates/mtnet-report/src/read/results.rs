//! `results.json` and `run.json` as a report needs them.

use std::collections::BTreeMap;

use mtnet_metrics::ProbabilityScores;
use serde::Deserialize;

use super::number;
use super::{Balance, SplitMetrics};

/// `results.json`.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct Results {
    /// Scores on the test split.
    #[serde(deserialize_with = "number::nested")]
    pub test: SplitMetrics,
    /// Scores on the development split.
    #[serde(deserialize_with = "number::nested")]
    pub dev: SplitMetrics,
    /// Scores of the commonest answer.
    #[serde(deserialize_with = "number::nested")]
    pub majority: SplitMetrics,
    /// Temperatures of the calibrated tasks.
    pub calibration: BTreeMap<String, Calibration>,
    /// The metric that each task is selected and reported by.
    pub main_metric: BTreeMap<String, String>,
    /// Step whose weights were selected.
    pub best_step: u64,
    /// Steps done.
    pub steps: u64,
    /// Seconds of training and evaluation.
    #[serde(deserialize_with = "number::one")]
    pub seconds: f64,
    /// Tokens read by training steps, a second of training.
    #[serde(deserialize_with = "number::one")]
    pub tokens_per_second: f64,
    /// Numbers that were trained.
    pub trained_parameters: u64,
    /// How the tasks' gradients got on over the whole run.
    pub balance: Option<Balance>,
}

/// What calibration did to a task's probabilities.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
pub struct Calibration {
    /// What scores are divided by.
    pub temperature: f64,
    /// On the development split, where it was fitted.
    pub dev: BeforeAndAfter,
    /// On the test split.
    #[serde(default)]
    pub test: Option<BeforeAndAfter>,
}

/// Scores of probabilities without and with a temperature.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
pub struct BeforeAndAfter {
    /// Without.
    pub before: ProbabilityScores,
    /// With.
    pub after: ProbabilityScores,
}

/// `run.json`.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct RunInfo {
    /// Version of MT-Net.
    pub mtnet_version: String,
    /// Seed of the run.
    pub seed: u64,
    /// Device.
    pub device: String,
    /// Operating system and processor architecture.
    pub platform: String,
    /// Vector instructions in use.
    pub isa: String,
    /// Threads in use.
    pub threads: usize,
    /// Numbers in all parameters.
    pub parameters: u64,
    /// Tokens of the vocabulary.
    pub vocab_size: usize,
    /// SHA-256 of each data file by path.
    pub data: BTreeMap<String, String>,
}
