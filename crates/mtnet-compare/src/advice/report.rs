//! Advice as `compare.json` keeps it.

use mtnet_core::TaskName;
use mtnet_metrics::Estimate;
use serde::{Deserialize, Serialize};

/// What was proposed where a task loses, and what became of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Advice {
    /// Tasks that lose by sharing.
    pub losing: Vec<Losing>,
    /// What the evidence supports, the best supported first.
    pub proposals: Vec<Proposal>,
    /// What became of the proposals, where they were tried.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trial: Option<Trial>,
    /// All of it in a sentence.
    pub sentence: String,
}

/// A task that loses by sharing.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Losing {
    /// The task.
    pub task: TaskName,
    /// Its gain over single-task models.
    pub gain: Estimate,
    /// The same as a sentence.
    pub sentence: String,
}

/// A change of the run that the evidence supports.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Proposal {
    /// Its name, that of its system where it is tried.
    pub name: String,
    /// The settings that it changes.
    pub changes: Vec<String>,
    /// What speaks for it, with numbers.
    pub evidence: Vec<String>,
    /// Share of the observations that speak for it.
    pub support: f64,
    /// Run files of it, relative to the folder of the comparison.
    pub files: Vec<String>,
}

/// What became of the proposals.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Trial {
    /// Seconds that training them could take.
    pub seconds: f64,
    /// Those that were trained with every seed.
    pub tried: Vec<Tried>,
    /// Those that were not.
    pub left_out: Vec<LeftOut>,
    /// The one that is best on the development data, where one is better than the run as it stands.
    pub chosen: Option<String>,
    /// All of it in a few sentences.
    pub sentence: String,
}

/// A proposal that was trained.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Tried {
    /// Its name.
    pub name: String,
    /// Mean relative gain over the multi-task run on the development data in per cent, mean over
    /// seeds: what it is chosen by.
    pub dev_gain: f64,
    /// The same on the test data, with the bootstrap interval over examples and seeds.
    pub test_gain: Estimate,
}

/// A proposal that was not trained to its end.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LeftOut {
    /// Its name.
    pub name: String,
    /// Why.
    pub reason: String,
}
