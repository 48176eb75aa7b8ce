//! The whole comparison, from a run file to a report.

use std::path::PathBuf;

use mtnet_heads::HeadRegistry;
use mtnet_train::run_file::RunFile;
use mtnet_train::trainer::{Prepared, Quiet};

use crate::answers::{write, write_json};
use crate::assemble::{delta_m, task as judge};
use crate::cache::Hashes;
use crate::plan::Plan;
use crate::report::FORMAT_VERSION;
use crate::systems::{MULTI, SINGLE, systems};
use crate::test_data::TestData;
use crate::trained::Trained;
use crate::{
    CompareError, CompareEvent, CompareOptions, CompareReport, classical, inference, sentence,
};

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
    let data = TestData::new(&run, &prepared)?;

    let systems = systems(&run, &prepared, options)?;
    let seeds = seeds(run.config.run.seed, options.seeds);
    let mut hashes = Hashes::default();
    let plan = Plan::new(&systems, &seeds, &options.output, &mut hashes)?;
    let mut fitted = None;
    if options.classical {
        listener(&CompareEvent::Stage(
            "fitting classical baselines".to_owned(),
        ));
        let found = Trained::classical(&run, &prepared, &data, options, &mut hashes)?;
        fitted = Some(found);
    }
    let mut trained: Vec<Trained> = plan.train(&systems, options, listener)?;
    trained.extend(fitted);

    listener(&CompareEvent::Stage("comparing".to_owned()));
    let judged = data.judged(&trained)?;
    let tasks = judged
        .iter()
        .map(|task| judge(task, options.bootstrap))
        .collect::<Result<Vec<_>, _>>()?;
    let mut methods = Vec::new();
    for system in &trained {
        let gain = match system.name == SINGLE {
            true => None,
            false => delta_m(&judged, &system.name, options.bootstrap)?,
        };
        let (delta_m, over_seeds) = match gain {
            Some((gain, over_seeds)) => (Some(gain), over_seeds),
            None => (None, None),
        };
        methods.push(system.report(&options.output, delta_m, over_seeds));
    }
    listener(&CompareEvent::Stage("timing answers".to_owned()));
    let models = |name: &str| -> Vec<PathBuf> {
        let system = trained.iter().find(|system| system.name == name);
        let first = system.and_then(|system| system.folders.first());
        first.map_or_else(Vec::new, |parts| {
            parts.iter().map(|part| part.join("model")).collect()
        })
    };
    let texts = classical::texts(&prepared, data.tasks[0].split);
    let inference = inference::measure(&texts, &models(MULTI), &models(SINGLE))?;
    let report = CompareReport {
        format_version: FORMAT_VERSION,
        run: run.config.run.name.clone(),
        seeds,
        budget: options.budget,
        level: options.bootstrap.level,
        resamples: options.bootstrap.resamples,
        overall: sentence::overall(&tasks, methods.first().and_then(|m| m.delta_m.as_ref())),
        methods,
        tasks,
        inference,
    };
    write_json(&options.output.join("compare.json"), &report)?;
    write(
        &options.output.join("compare.md"),
        report.markdown().as_bytes(),
    )?;
    Ok(report)
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
