//! A whole search, from its folder to its report.

use std::time::Instant;

use mtnet_heads::HeadRegistry;
use mtnet_train::checkpoint::{LocalFiles, RunLock};
use mtnet_train::trainer::StopToken;

use crate::report::{TuneReport, write_report};
use crate::work::{End, Work};
use crate::{Journal, Search, TuneEnd, TuneError, TuneEvent, TuneOptions, winner};

/// Does what is left of a search, and writes `tune.json`, `tune.md` and `best.toml` into its folder.
///
/// Once `stop` is asked, the trial that trains saves a checkpoint and the search ends; the same call
/// goes on.
///
/// # Errors
/// If the folder holds another search or is in use, every trial failed, or something stands in the
/// way of all trials: data that cannot be read, a full disk.
pub fn tune(
    search: &Search,
    options: &TuneOptions,
    stop: &StopToken,
    listener: &mut dyn FnMut(&TuneEvent),
) -> Result<TuneEnd, TuneError> {
    let output = std::path::absolute(&options.output).map_err(TuneError::file(&options.output))?;
    let _lock = RunLock::acquire(&LocalFiles, &output)?;
    let identity = search.identity()?;
    let (journal, history) = Journal::open(&output.join("tune.jsonl"), &identity)?;
    if !history.trials.is_empty() {
        listener(&TuneEvent::GoesOn {
            trials: history.trials.len(),
        });
    }
    let mut work = Work {
        search,
        output: &output,
        registry: HeadRegistry::default(),
        before: history.elapsed,
        begun: Instant::now(),
        journal,
        history,
        stop,
        listener,
    };
    let end = match work.first_rung()? {
        End::Whole => work.further_rungs()?,
        early => early,
    };
    if end == End::Stopped {
        return Ok(work.stopped());
    }
    let Some((number, rung)) = work.history.best() else {
        return Err(work.nothing());
    };
    let trial = work.trial(number)?;
    let Some(test) = work.win(number, rung, &trial)? else {
        return Ok(work.stopped());
    };
    winner::write_best(search, &work.history.trials[number].settings, &output)?;
    let report = TuneReport::new(
        search,
        &work.history,
        (number, rung),
        test,
        end == End::NoTime,
    );
    write_report(&report, &output)?;
    Ok(TuneEnd::Done(Box::new(report)))
}
