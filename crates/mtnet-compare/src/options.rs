//! What to compare, and what a caller hears meanwhile.

use std::num::NonZero;
use std::path::PathBuf;
use std::time::Duration;

use mtnet_metrics::Bootstrap;
use serde::{Deserialize, Serialize};

/// What a single-task model gets as much of as the multi-task model.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Budget {
    /// Examples of its task. Its batches are as large, so it takes fewer optimizer steps.
    #[default]
    Examples,
    /// Examples of its task and optimizer steps: its batches shrink to the share that its task has
    /// of the tokens of the training data.
    Steps,
}

/// How a comparison is made.
#[derive(Clone, Debug)]
pub struct CompareOptions {
    /// Folder of the comparison: `runs/`, `classical/`, `compare.json` and `compare.md`.
    pub output: PathBuf,
    /// Seeds of each system: that of the run file and the ones after it.
    pub seeds: usize,
    /// What single-task models get.
    pub budget: Budget,
    /// Runs that go side by side, each on its share of the threads; all cores where not given.
    pub jobs: Option<NonZero<usize>>,
    /// Whether classical baselines are fitted.
    pub classical: bool,
    /// Whether the MT-Net on word vectors is trained, where the run has another encoder.
    pub window: bool,
    /// Word vectors of that MT-Net; random where not given.
    pub word_vectors: Option<PathBuf>,
    /// Whether the run is also trained with the single-task models as teachers.
    pub distil: bool,
    /// Whether proposals are made where a task loses.
    pub advise: bool,
    /// Whether, and for how long, proposals are tried; takes `advise` along.
    pub trial: Option<TrialOptions>,
    /// How bootstrap intervals are made.
    pub bootstrap: Bootstrap,
}

/// How proposals are tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TrialOptions {
    /// How many at most, in the order of their evidence; all of them where not given.
    pub proposals: Option<usize>,
    /// How long training them may take. What is not done then stays where it is.
    pub time: Duration,
}

impl CompareOptions {
    /// Three seeds, everything compared, into that folder.
    pub fn new(output: impl Into<PathBuf>) -> Self {
        Self {
            output: output.into(),
            seeds: 3,
            budget: Budget::default(),
            jobs: None,
            classical: true,
            window: true,
            word_vectors: None,
            distil: false,
            advise: false,
            trial: None,
            bootstrap: Bootstrap::default(),
        }
    }
}

/// What happens while a comparison is made.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum CompareEvent {
    /// Something long begins.
    Stage(String),
    /// A run begins, or goes on from a checkpoint.
    Started {
        /// Which run.
        run: String,
        /// Whether it goes on.
        resumed: bool,
    },
    /// A run is done.
    Finished {
        /// Which run.
        run: String,
        /// How many are done.
        done: usize,
        /// How many there are.
        total: usize,
        /// Whether it was trained before.
        kept: bool,
        /// Seconds of training.
        seconds: f64,
    },
}
