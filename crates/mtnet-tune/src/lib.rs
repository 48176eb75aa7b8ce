//! Hyper-parameter search: which settings of a run file do best on the development data?
//!
//! [`Search::load`] reads a run file with a `[tune]` table and holds every dimension of it against
//! the run file's own rules, before anything is trained. [`tune`] tries settings, each in a training
//! run of its own, and leaves a report, the winner's model, and `best.toml`, its run file.
//!
//! - **Proposals** ([`propose`]) are a function of the seed and of the trials before, in the order of
//!   their numbers: at random, or by tree-structured Parzen estimators (Bergstra et al. 2011, §4).
//! - **Successive halving** (Karnin, Koren and Somekh 2013; Jamieson and Talwalkar 2016) pauses
//!   trials early and lets the best go on. A trial is a run of the full length that is *paused*: its
//!   learning rate is that of the full run from the first step, so that going on from its checkpoint
//!   ends with the same bits as never having been paused.
//! - **Selection** is by the development data alone. Trials never score the test data; the winner
//!   does so once, when the search is over.
//! - **The journal**, `tune.jsonl`, has a line for each thing that happened to a trial, synced. A
//!   search that was killed goes on with the same call and ends as an unbroken one.

mod best_file;
mod budget;
mod error;
mod importance;
mod journal;
mod markdown;
mod options;
mod report;
mod rungs;
mod sampler;
mod search;
mod settings;
mod space;
mod trial;
mod tune;
mod winner;
mod work;

pub use error::{Problem, Problems, TuneError};
pub use importance::{Importance, importance};
pub use journal::{Entry, History, Identity, Journal, Score, TrialRecord};
pub use options::{TuneEnd, TuneEvent, TuneOptions};
pub use report::{Best, TrialReport, TuneReport};
pub use rungs::Rungs;
pub use sampler::{Observation, propose};
pub use search::Search;
pub use settings::Settings;
pub use space::{Dimension, Range, Space, Values};
pub use tune::tune;
