//! The whole extension, from a model and a run file to a model with more tasks.

use std::fs;
use std::path::Path;

use mtnet_compare::parts::{read, write, write_json};
use mtnet_core::TaskName;
use mtnet_heads::HeadRegistry;
use mtnet_train::events::RunEndReason;
use mtnet_train::run_file::RunFile;
use mtnet_train::trainer::{Progress, RunResults, StopToken, TrainOptions, train_until};

use crate::graft::graft;
use crate::plan::Plan;
use crate::report::FORMAT_VERSION;
use crate::scored::{new_tasks, old_tasks};
use crate::trained::TrainedModel;
use crate::{ExtendError, ExtendOptions, ExtendReport, TrainOnly};

/// How an extension ended.
#[derive(Debug)]
pub enum Extended {
    /// The extended model and its report are written.
    Done(Box<ExtendReport>),
    /// It was asked to stop; a checkpoint is saved, and the same call goes on from there.
    Interrupted {
        /// Optimizer steps done.
        steps: u64,
    },
}

/// Adds the tasks of `run` that the model lacks, and writes `model/`, `extend.json` and `extend.md`
/// into the folder of the options. The training is a run of its own in `training/`; where that was
/// begun by the same call before, it goes on.
///
/// # Errors
/// If run and model do not fit, something cannot be trained, or a file cannot be written.
pub fn extend(
    run: &RunFile,
    options: &ExtendOptions,
    registry: &HeadRegistry,
    progress: &mut (dyn Progress + Send),
    stop: &StopToken,
) -> Result<Extended, ExtendError> {
    let output = &options.output;
    if output.join("extend.json").exists() {
        return Err(ExtendError::InUse {
            folder: output.clone(),
        });
    }
    let run = run.with_absolute_paths().map_err(ExtendError::file("."))?;
    let old = TrainedModel::open(&options.model, registry)?;
    let plan = Plan::new(&run, &old, options)?;
    for note in &plan.notes {
        progress.message(note);
    }
    let training = output.join("training");
    let results = match finished(&plan.run, &training)? {
        Some(results) => results,
        None => {
            let options = TrainOptions {
                resume: training.join("run.toml").exists(),
                output: training.clone(),
            };
            train_until(&plan.run, &options, registry, progress, stop)?
        }
    };
    if results.end.reason == RunEndReason::Interrupted {
        return Ok(Extended::Interrupted {
            steps: results.steps,
        });
    }

    progress.stage("putting the model together");
    let trained = TrainedModel::open(&training.join("model"), registry)?;
    let extended = graft(&old, &trained, plan.train_only == TrainOnly::Head, registry)?;
    let folder = output.join("model");
    extended.save(&folder)?;
    progress.stage("scoring old and new tasks");
    let bootstrap = options.bootstrap;
    let new = new_tasks(&run, &plan, &extended, &results, bootstrap, registry)?;
    let mut notes = plan.notes.clone();
    let scored = |name: &&TaskName| new.iter().any(|new| new.task == **name);
    for name in plan.new.iter().filter(|name| !scored(name)) {
        notes.push(format!(
            "{name} has neither test nor development data: nothing is known of its score."
        ));
    }
    let report = ExtendReport {
        format_version: FORMAT_VERSION,
        run: run.config.run.name.clone(),
        model: old.path.clone(),
        train_only: plan.train_only,
        replay: plan.replay,
        trained_parameters: results.trained_parameters,
        steps: results.steps,
        best_step: results.best_step,
        seconds: results.seconds,
        resamples: bootstrap.resamples,
        new,
        old: old_tasks(&run, &plan, &old, &extended, bootstrap, registry)?,
        notes,
    };
    write_card(&trained.path, &folder, &report)?;
    write(&output.join("extend.md"), report.markdown().as_bytes())?;
    // Last: where it stands, everything does.
    write_json(&output.join("extend.json"), &report)?;
    Ok(Extended::Done(Box::new(report)))
}

/// The results of a training that had come to its end before.
fn finished(run: &RunFile, training: &Path) -> Result<Option<RunResults>, ExtendError> {
    let kept = training.join("run.toml");
    if !kept.is_file() {
        return Ok(None);
    }
    if RunFile::load(&kept, &[])?.content_hash() != run.content_hash() {
        return Err(ExtendError::OtherRun {
            folder: training.to_owned(),
        });
    }
    match training.join("model/tasks.json").is_file() {
        true => Ok(read(&training.join("results.json"))?),
        false => Ok(None),
    }
}

/// The card of the training, with what it does not know of: the tasks that were kept.
fn write_card(trained: &Path, folder: &Path, report: &ExtendReport) -> Result<(), ExtendError> {
    let path = trained.join("README.md");
    let mut card = fs::read_to_string(&path).map_err(ExtendError::file(path))?;
    card.push_str("\n## Extended\n\n");
    let added: Vec<&str> = report.new.iter().map(|new| new.task.as_str()).collect();
    card.push_str(&format!(
        "This model had {} before {} was added (`--train-only {}`).\n\n",
        report
            .old
            .iter()
            .map(|old| old.task.as_str())
            .collect::<Vec<_>>()
            .join(", "),
        added.join(", "),
        report.train_only,
    ));
    for old in &report.old {
        card.push_str(&format!("- {}\n", old.sentence));
    }
    Ok(write(&folder.join("README.md"), card.as_bytes())?)
}
