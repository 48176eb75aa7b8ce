//! `compare.json`: what a comparison found, for programs that draw or check it.

use mtnet_core::{Split, TaskName};
use mtnet_metrics::{Estimate, Unit};
use serde::{Deserialize, Serialize};

use crate::{Advice, Budget};

/// The newest format of `compare.json`.
pub(crate) const FORMAT_VERSION: u32 = 1;

/// A whole comparison.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CompareReport {
    /// Format of the file.
    pub format_version: u32,
    /// Name of the run.
    pub run: String,
    /// The seeds, in the order of all lists of scores.
    pub seeds: Vec<u64>,
    /// What single-task models got as much of.
    pub budget: Budget,
    /// Share of repetitions in which an interval holds the truth.
    pub level: f64,
    /// Samples of each bootstrap.
    pub resamples: usize,
    /// The systems, the judged one first.
    pub methods: Vec<MethodReport>,
    /// The tasks, in the order of the run file.
    pub tasks: Vec<TaskReport>,
    /// All tasks together.
    pub overall: Overall,
    /// What an answer costs, where all models are at hand.
    pub inference: Option<Inference>,
    /// What was proposed where a task loses, and what became of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub advice: Option<Advice>,
}

/// A system and its cost.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MethodReport {
    /// Its name.
    pub name: String,
    /// One line about it.
    pub about: String,
    /// Its models of one seed, in parts: tasks of each.
    pub models: Vec<Vec<TaskName>>,
    /// Numbers in the parameters of all its models of one seed.
    pub parameters: u64,
    /// Seconds of training all its models of one seed, mean over seeds, as the clock of this
    /// machine had it: runs that go side by side slow each other down.
    pub seconds: f64,
    /// Optimizer steps of all its models of one seed.
    pub steps: u64,
    /// Folders of its runs by seed and part, relative to the folder of the comparison.
    pub folders: Vec<Vec<String>>,
    /// `Δm` in per cent, with the bootstrap interval over examples and seeds.
    pub delta_m: Option<Estimate>,
    /// `Δm` of each seed, with Student's interval.
    pub delta_m_over_seeds: Option<Estimate>,
}

/// A task under every system.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TaskReport {
    /// The task.
    pub task: TaskName,
    /// What it is scored by.
    pub metric: String,
    /// What the metric is counted in; a fraction where it is not known.
    pub unit: Unit,
    /// Whether a higher score is the better one.
    pub higher_is_better: bool,
    /// What was scored: test, or development data where there is no test data.
    pub split: Split,
    /// How many examples.
    pub examples: usize,
    /// Score of the commonest answer of the training data.
    pub majority: Option<f64>,
    /// Scores of each system.
    pub methods: Vec<MethodScores>,
    /// What can be said of the judged system.
    pub verdict: Verdict,
    /// The same as a sentence.
    pub sentence: String,
}

/// Scores of a system on a task.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MethodScores {
    /// The system.
    pub method: String,
    /// The score of each seed; one alone where the system has no seed.
    pub scores: Vec<Option<f64>>,
    /// Their mean with Student's interval.
    pub mean: Estimate,
    /// Mean gain over the single-task models of the same seeds, counted upwards for the better
    /// system, with the paired bootstrap interval over examples and seeds.
    pub gain: Option<Estimate>,
    /// The gain of each seed, with Student's interval.
    pub gain_over_seeds: Option<Estimate>,
}

/// What can be said of sharing for a task.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// The interval of the gain lies above zero.
    Gained,
    /// It lies below.
    Lost,
    /// It holds zero.
    NoDifferenceShown,
}

/// All tasks together.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Overall {
    /// Tasks that gained.
    pub gained: usize,
    /// Tasks that lost.
    pub lost: usize,
    /// Tasks without a difference that can be shown.
    pub open: usize,
    /// A sentence.
    pub sentence: String,
}

/// What answering every task for a text costs, on one thread.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Inference {
    /// Texts that were answered.
    pub texts: usize,
    /// Repetitions, of which the fastest counts.
    pub repeats: usize,
    /// Seconds a text from one pass of the multi-task model.
    pub multi_seconds: f64,
    /// Seconds a text from a pass of each single-task model.
    pub single_seconds: f64,
    /// How many single-task models.
    pub single_models: usize,
}
