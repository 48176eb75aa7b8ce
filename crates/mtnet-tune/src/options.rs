//! Where a search goes, what a caller hears meanwhile, and how it ends.

use std::path::PathBuf;

use crate::{Settings, TuneReport};

/// Where a search goes.
#[derive(Clone, Debug)]
pub struct TuneOptions {
    /// Folder of the search: `tune.jsonl`, `trials/`, `tune.md`, `tune.json` and `best.toml`. One
    /// that holds a search already is gone on with.
    pub output: PathBuf,
}

/// What happens while a search goes on.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum TuneEvent {
    /// The journal held trials of a search that was stopped.
    GoesOn {
        /// How many were tried or begun.
        trials: usize,
    },
    /// A trial begins, or goes on.
    Began {
        /// Its number, from 0.
        trial: usize,
        /// How many trials there are to be.
        of: usize,
        /// The rung, from 0.
        rung: usize,
        /// What it tries.
        settings: Settings,
        /// Whether it goes on from a checkpoint.
        resumed: bool,
    },
    /// A trial was scored.
    Scored {
        /// Its number.
        trial: usize,
        /// The rung.
        rung: usize,
        /// Its score on the development data; higher is better.
        score: f64,
        /// Epochs that it has trained.
        epochs: f64,
        /// Seconds that it took in this process.
        seconds: f64,
        /// Whether no trial of the rung has a better one so far.
        is_best: bool,
    },
    /// A trial failed, which does not stop the search.
    Failed {
        /// Its number.
        trial: usize,
        /// Why.
        reason: String,
    },
    /// No further trial begins: time is up, or all settings there are were tried.
    Ends(String),
    /// Something long begins.
    Stage(String),
}

/// How a search ended.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum TuneEnd {
    /// To the end, or to that of its budget.
    Done(Box<TuneReport>),
    /// It was asked to stop; the same call goes on.
    Stopped {
        /// Trials that have a score or failed.
        finished: usize,
    },
}
