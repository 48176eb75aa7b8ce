//! The whole comparison, from a run file to a report.

use mtnet_core::Split;
use mtnet_heads::HeadRegistry;
use mtnet_train::run_file::{EvalStrategy, RunFile};
use mtnet_train::trainer::{Prepared, Quiet, StopToken};

use crate::advice::advise;
use crate::answers::{write, write_json};
use crate::cache::Hashes;
use crate::comparison::Comparison;
use crate::systems::{SINGLE, distilled, systems};
use crate::test_data::TestData;
use crate::trained::Trained;
use crate::{CompareError, CompareEvent, CompareOptions, CompareReport};

/// Trains what is to be compared, compares it, and writes `compare.json` and `compare.md` into the
/// folder of the options.
///
/// # Errors
/// If the run has one task, something cannot be trained, or a file cannot be written. What was
/// trained stays, and the same call goes on from there.
pub fn compare(
    run: &RunFile,
    options: &CompareOptions,
    listener: &mut dyn FnMut(&CompareEvent),
) -> Result<CompareReport, CompareError> {
    if run.config.task.len() < 2 {
        return Err(CompareError::OneTask);
    }
    if options.seeds == 0 {
        return Err(CompareError::NoSeeds);
    }
    let run = run.with_absolute_paths().map_err(CompareError::file("."))?;
    listener(&CompareEvent::Stage("reading data".to_owned()));
    let prepared = Prepared::new(&run, &HeadRegistry::default(), &mut Quiet)?;
    let mut comparison = Comparison {
        data: TestData::new(&run, &prepared)?,
        run: &run,
        options,
        prepared: &prepared,
        seeds: seeds(run.config.run.seed, options.seeds),
        hashes: Hashes::default(),
    };
    if options.trial.is_some() {
        can_choose(&run, &prepared)?;
    }
    let mut fitted = None;
    if options.classical {
        listener(&CompareEvent::Stage(
            "fitting classical baselines".to_owned(),
        ));
        let hashes = &mut comparison.hashes;
        let found = Trained::classical(&run, &prepared, &comparison.data, options, hashes)?;
        fitted = Some(found);
    }
    let systems = systems(&run, &prepared, options)?;
    let never = StopToken::new();
    let mut trained = comparison.train(&systems, &never, listener)?;
    if options.distil {
        let single = trained.iter().find(|system| system.name == SINGLE);
        let single = single.expect("single-task models are always trained");
        let system = distilled(&run, single, &comparison.seeds)?;
        trained.extend(comparison.train(&[system], &never, listener)?);
    }
    trained.extend(fitted);

    listener(&CompareEvent::Stage("timing answers".to_owned()));
    let inference = comparison.inference(&trained)?;
    listener(&CompareEvent::Stage("comparing".to_owned()));
    let mut report = comparison.report(&trained, inference.clone())?;
    if options.advise || options.trial.is_some() {
        let advised = advise(&mut comparison, &systems, &mut trained, &report, listener)?;
        if advised.trial.is_some() {
            report = comparison.report(&trained, inference)?;
        }
        report.advice = Some(advised);
    }
    write_json(&options.output.join("compare.json"), &report)?;
    write(
        &options.output.join("compare.md"),
        report.markdown().as_bytes(),
    )?;
    Ok(report)
}

/// That development scores can choose between proposals.
fn can_choose(run: &RunFile, prepared: &Prepared) -> Result<(), CompareError> {
    let scored = run.config.train.eval_strategy != EvalStrategy::No;
    let targets = prepared.corpus(Split::Dev).targets();
    for task in &run.config.task {
        let has = targets.iter().any(|of| of.contains_key(&task.name));
        if !(scored && has) {
            return Err(CompareError::NoDevelopmentScores {
                task: task.name.clone(),
            });
        }
    }
    Ok(())
}

/// That of the run file and the ones after it, within what a run file can state.
fn seeds(first: u64, count: usize) -> Vec<u64> {
    let largest = i64::MAX as u64;
    (0..count as u64)
        .map(|n| first.wrapping_add(n) & largest)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seeds_follow_the_first_and_fit_a_run_file() {
        assert_eq!(seeds(7, 3), [7, 8, 9]);
        assert_eq!(seeds(i64::MAX as u64, 2), [i64::MAX as u64, 0]);
    }
}
