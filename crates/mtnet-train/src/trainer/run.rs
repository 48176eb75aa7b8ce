//! A run from beginning to end.

use std::path::PathBuf;

use mtnet_core::Split;
use mtnet_heads::HeadRegistry;

use super::distillation::SoftLabels;
use super::folder::holds_a_run;
use super::job::Job;
use super::{Prepared, Progress, RunResults, StopToken, TrainError};
use crate::checkpoint::{LocalFiles, RunLock};
use crate::events::RunEndReason;
use crate::run_file::RunFile;

/// Where a run goes, and whether it goes on.
#[derive(Clone, Debug)]
pub struct TrainOptions {
    /// The run folder.
    pub output: PathBuf,
    /// Whether to go on from the newest checkpoint in it.
    pub resume: bool,
}

/// Trains what a run file describes and leaves a run folder: `run.toml` (effective), `run.json`,
/// `metrics.jsonl`, `checkpoint-<step>/`, `results.json` and `model/`.
///
/// # Errors
/// If the run cannot be prepared or diverges. What was saved before stays.
pub fn train(
    run: &RunFile,
    options: &TrainOptions,
    registry: &HeadRegistry,
    progress: &mut (dyn Progress + Send),
) -> Result<RunResults, TrainError> {
    train_until(run, options, registry, progress, &StopToken::new())
}

/// As [`train`], and ends with [`RunEndReason::Interrupted`](crate::events::RunEndReason) after the
/// step in which `stop` is asked: a checkpoint is written, the test data is not scored, and no
/// model is left. A run that is resumed afterwards ends as if it had never been stopped.
///
/// # Errors
/// As [`train`].
pub fn train_until(
    run: &RunFile,
    options: &TrainOptions,
    registry: &HeadRegistry,
    progress: &mut (dyn Progress + Send),
    stop: &StopToken,
) -> Result<RunResults, TrainError> {
    let whole = |progress: &mut (dyn Progress + Send)| {
        train_here(run, options, registry, progress, stop, TestData::Scored)
    };
    on_threads(run, progress, whole)
}

/// As [`train_until`], but the test data is not scored: for runs that are chosen among by what they
/// reach on the development data. The results have no test scores.
///
/// # Errors
/// As [`train`].
pub fn train_for_selection(
    run: &RunFile,
    options: &TrainOptions,
    registry: &HeadRegistry,
    progress: &mut (dyn Progress + Send),
    stop: &StopToken,
) -> Result<RunResults, TrainError> {
    let unseen = |progress: &mut (dyn Progress + Send)| {
        train_here(run, options, registry, progress, stop, TestData::Unseen)
    };
    on_threads(run, progress, unseen)
}

/// What becomes of the test data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum TestData {
    Scored,
    Unseen,
}

/// Trains on the threads that the run file asks for.
fn on_threads(
    run: &RunFile,
    progress: &mut (dyn Progress + Send),
    train: impl FnOnce(&mut (dyn Progress + Send)) -> Result<RunResults, TrainError> + Send,
) -> Result<RunResults, TrainError> {
    match run.config.train.threads {
        None => train(progress),
        Some(threads) => {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
            let pool = pool.map_err(|error| TrainError::Threads {
                threads,
                reason: error.to_string(),
            })?;
            pool.install(|| train(progress))
        }
    }
}

fn train_here(
    run: &RunFile,
    options: &TrainOptions,
    registry: &HeadRegistry,
    progress: &mut (dyn Progress + Send),
    stop: &StopToken,
    test: TestData,
) -> Result<RunResults, TrainError> {
    let output = &options.output;
    if !options.resume && holds_a_run(output) {
        return Err(TrainError::FolderInUse {
            folder: output.clone(),
        });
    }
    let lock = RunLock::acquire(&LocalFiles, output)?;
    let mut prepared = Prepared::new(run, registry, progress)?;
    if test == TestData::Unseen {
        prepared.forget(Split::Test)?;
    }
    let mut job = Job::new(run, &prepared, lock, output)?;
    let checkpoint = if options.resume { job.resume()? } else { None };
    let goes_on = checkpoint.is_some();
    if let Some(soft) = SoftLabels::prepare(run, &prepared, output, goes_on, registry, progress)? {
        job.distil(soft);
    }
    job.open_log(checkpoint.as_ref())?;
    progress.stage("training");
    let reason = job.train(progress, stop)?;
    if reason == RunEndReason::Interrupted {
        return job.interrupted();
    }
    job.finish(reason, progress)
}
