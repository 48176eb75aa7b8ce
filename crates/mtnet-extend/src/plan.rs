//! What an extension trains: the new tasks, the old ones that are replayed, and how much of the
//! encoder.

use mtnet_compare::parts::Part;
use mtnet_core::{Split, TaskName};
use mtnet_train::run_file::{RunFile, TaskConfig};

use crate::options::DEFAULT_REPLAY;
use crate::trained::TrainedModel;
use crate::{ExtendError, ExtendOptions, TrainOnly};

/// A run, and what is told of it.
#[derive(Debug)]
pub(crate) struct Plan {
    /// Paths absolute.
    pub run: RunFile,
    pub new: Vec<TaskName>,
    /// Old tasks that are trained too.
    pub replayed: Vec<TaskName>,
    /// The share of their examples.
    pub replay: Option<f64>,
    pub train_only: TrainOnly,
    /// Sentences about what was chosen.
    pub notes: Vec<String>,
}

impl Plan {
    pub fn new(
        given: &RunFile,
        model: &TrainedModel,
        options: &ExtendOptions,
    ) -> Result<Self, ExtendError> {
        let new = new_tasks(given, model)?;
        let old: Vec<TaskName> = model.specs().map(|spec| spec.name.clone()).collect();
        let with_data: Vec<TaskName> = old
            .iter()
            .filter(|name| has_training_data(given, name))
            .cloned()
            .collect();
        let train_only = options
            .train_only
            .unwrap_or(match with_data.len() == old.len() {
                true => TrainOnly::All,
                false => TrainOnly::Head,
            });
        let replay = replay(options.replay, train_only, &with_data)?;
        let replayed = match replay {
            Some(_) => with_data,
            None => Vec::new(),
        };
        let notes = notes(given, &new, model, options, train_only, &old)?;

        // Old tasks first, in the order of the model.
        let trained: Vec<TaskName> = replayed.iter().chain(&new).cloned().collect();
        let mut config = Part::of(given, &trained)?.run.config;
        config
            .task
            .sort_by_key(|task| trained.iter().position(|name| *name == task.name));
        for task in &mut config.task {
            if replayed.contains(&task.name) {
                task.warm_start = true;
                task.train_fraction = replay.filter(|&share| share < 1.0);
                task.train_examples = None;
            }
        }
        config.encoder = model.encoder(&config.encoder);
        train_only.apply(&mut config.encoder, model.layers())?;
        config.run.output = None;
        Ok(Self {
            run: RunFile::new(config, given.base.clone())?,
            new,
            replayed,
            replay,
            train_only,
            notes,
        })
    }
}

/// The tasks of the run that the model lacks.
pub(crate) fn new_tasks(run: &RunFile, model: &TrainedModel) -> Result<Vec<TaskName>, ExtendError> {
    let names = run.config.task.iter().map(|task| task.name.clone());
    let new: Vec<TaskName> = names.filter(|name| model.spec_of(name).is_none()).collect();
    if new.is_empty() {
        let tasks: Vec<&str> = run
            .config
            .task
            .iter()
            .map(|task| task.name.as_str())
            .collect();
        return Err(ExtendError::NothingNew {
            model: model.path.clone(),
            tasks: tasks.join(", "),
        });
    }
    Ok(new)
}

fn has_training_data(run: &RunFile, task: &TaskName) -> bool {
    let Some(task) = task_of(run, task) else {
        return false;
    };
    let mut datasets = run.config.dataset.iter();
    datasets
        .any(|dataset| task.dataset.as_slice().contains(&dataset.name) && dataset.has(Split::Train))
}

pub(crate) fn task_of<'a>(run: &'a RunFile, name: &TaskName) -> Option<&'a TaskConfig> {
    run.config.task.iter().find(|task| &task.name == name)
}

/// The share that is replayed, `None` where nothing is.
fn replay(
    asked: Option<f64>,
    train_only: TrainOnly,
    with_data: &[TaskName],
) -> Result<Option<f64>, ExtendError> {
    let refuse = |found, problem: &str| {
        Err(ExtendError::Replay {
            found,
            problem: problem.to_owned(),
        })
    };
    match asked {
        Some(share) if !(0.0..=1.0).contains(&share) => refuse(
            share,
            "expected a share of the old tasks' examples from 0 to 1",
        ),
        Some(0.0) => Ok(None),
        Some(share) if train_only == TrainOnly::Head => refuse(
            share,
            "with `--train-only head` the encoder keeps its weights, so there is nothing to hold by \
             replay; leave it out, or choose `--train-only top:N` or `all`",
        ),
        Some(share) if with_data.is_empty() => refuse(
            share,
            "the run file names no training data of a task that the model has; add their \
             `[[dataset]]` and `[[task]]` as the model was trained with",
        ),
        Some(share) => Ok(Some(share)),
        None if train_only == TrainOnly::Head || with_data.is_empty() => Ok(None),
        None => Ok(Some(DEFAULT_REPLAY)),
    }
}

fn notes(
    run: &RunFile,
    new: &[TaskName],
    model: &TrainedModel,
    options: &ExtendOptions,
    train_only: TrainOnly,
    old: &[TaskName],
) -> Result<Vec<String>, ExtendError> {
    let mut notes = Vec::new();
    if options.train_only.is_none() {
        notes.push(match train_only {
            TrainOnly::Head => "Not every old task has training data here, so the encoder keeps its \
                weights and no old answer can change (`--train-only head`); `top:N` or `all` let the \
                new task shape it."
                .to_owned(),
            _ => "Every old task has training data here, so the whole encoder learns and their \
                examples are replayed (`--train-only all`)."
                .to_owned(),
        });
    }
    if train_only != TrainOnly::Head {
        let loose: Vec<&str> = old
            .iter()
            .filter(|name| !has_training_data(run, name) || options.replay == Some(0.0))
            .map(TaskName::as_str)
            .collect();
        if !loose.is_empty() {
            notes.push(format!(
                "The encoder changed and nothing of {} was replayed: their heads are as before, their \
                 answers may not be.",
                loose.join(", ")
            ));
        }
    }
    let pairs = |name: &&TaskName| {
        let named = task_of(run, name).map_or(&[][..], |task| task.dataset.as_slice());
        let mut datasets = run.config.dataset.iter();
        datasets.any(|dataset| named.contains(&dataset.name) && dataset.has_pairs())
    };
    if let Some(task) = new.iter().find(pairs)
        && !model.has_types()?
    {
        notes.push(format!(
            "{task} reads pairs, and the encoder has no table that tells the two texts apart: only \
             the separator between them does."
        ));
    }
    Ok(notes)
}
