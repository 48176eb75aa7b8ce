//! The lines of a journal.

use std::collections::BTreeMap;

use mtnet_train::run_file::{DimensionConfig, HalvingConfig, SamplerKind};
use mtnet_train::trainer::SplitMetrics;
use serde::{Deserialize, Serialize};

use crate::Settings;

/// Version of the journal's format.
pub(super) const VERSION: u32 = 1;

/// Something that happened.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Entry {
    /// The search; always the first line, and only there.
    Search {
        /// Version of the format.
        version: u32,
        /// Version of the program.
        program: String,
        /// Which search it is.
        identity: Box<Identity>,
    },
    /// A trial was made; its number is one more than that of the one before.
    Proposed {
        /// Its number, from 0.
        trial: usize,
        /// What it tries.
        settings: Settings,
    },
    /// A trial reached the end of a rung.
    Scored {
        /// Its number.
        trial: usize,
        /// The rung, from 0.
        rung: usize,
        /// What it reached.
        #[serde(flatten)]
        score: Score,
        /// Seconds that the search has gone on, in all its processes.
        elapsed: f64,
    },
    /// A trial failed, and is not tried again.
    Failed {
        /// Its number.
        trial: usize,
        /// The rung that it was on its way to.
        rung: usize,
        /// What went wrong.
        reason: String,
        /// Seconds that the search has gone on, in all its processes.
        elapsed: f64,
    },
    /// The winner was scored on the test data.
    Tested {
        /// Its number.
        trial: usize,
        /// Its scores.
        test: SplitMetrics,
    },
}

/// What a trial has reached.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Score {
    /// The objective on the development data, of the best weights so far; higher is better.
    pub score: f64,
    /// Epochs trained.
    pub epochs: f64,
    /// Optimizer steps done.
    pub steps: u64,
    /// Seconds of training, in all processes.
    pub seconds: f64,
    /// Whether the run has come to its end, so that it cannot go on.
    pub ended: bool,
}

/// Everything that proposals and scores depend on: a journal goes on only where it is the same.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Identity {
    /// Hash of the run file without `[tune]`, its data and its encoder.
    pub run: String,
    /// Seed of the search.
    pub seed: u64,
    /// How settings are chosen.
    pub sampler: SamplerKind,
    /// What trials are ranked by.
    pub objective: String,
    /// What is searched.
    pub space: BTreeMap<String, DimensionConfig>,
    /// Successive halving.
    pub halving: Option<HalvingConfig>,
    /// How many trials there are, where the number that goes on depends on it.
    pub trials: Option<usize>,
}

impl Identity {
    /// The first thing in which another search differs, with the values of both.
    pub(super) fn difference(&self, other: &Self) -> Option<String> {
        let pairs: [(&str, String, String); 6] = [
            ("seed", json(&self.seed), json(&other.seed)),
            ("sampler", json(&self.sampler), json(&other.sampler)),
            ("objective", json(&self.objective), json(&other.objective)),
            (
                "`[tune.halving]`",
                json(&self.halving),
                json(&other.halving),
            ),
            ("number of trials", json(&self.trials), json(&other.trials)),
            ("`[tune.space]`", json(&self.space), json(&other.space)),
        ];
        let differing = pairs.into_iter().find(|(_, ours, theirs)| ours != theirs);
        if let Some((what, ours, theirs)) = differing {
            return Some(format!("{what} ({ours} there, {theirs} in the run file)"));
        }
        (self.run != other.run).then(|| "run file, data or encoder".to_owned())
    }
}

fn json(value: &impl Serialize) -> String {
    serde_json::to_string(value).expect("plain values are JSON")
}
