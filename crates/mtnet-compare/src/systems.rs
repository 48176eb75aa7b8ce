//! What is compared: systems that answer all tasks with one model or several.

use std::collections::BTreeMap;
use std::path::PathBuf;

use mtnet_core::TaskName;
use mtnet_encoders::{EncoderConfig, Preset};
use mtnet_train::optimizer::OptimizerConfig;
use mtnet_train::run_file::{Annealing, DistillationConfig, RunFile, RunFileError};
use mtnet_train::trainer::Prepared;

use crate::part::{Part, made};
use crate::trained::Trained;
use crate::{Budget, CompareOptions, budget};

/// Name of the system that is judged.
pub(crate) const MULTI: &str = "multi-task";
/// Name of the system that it is judged against.
pub(crate) const SINGLE: &str = "single-task";
/// Name of the judged system with single-task models as teachers.
pub(crate) const DISTILLED: &str = "multi-task, distilled";
/// Name of the MT-Net on word vectors.
pub(crate) const WINDOW: &str = "mt-net-window";
/// Name of the baselines without a neural network.
pub(crate) const CLASSICAL: &str = "classical";

/// Models that together answer every task.
#[derive(Clone, Debug)]
pub(crate) struct System {
    /// Its name in tables and files.
    pub name: String,
    /// One line about it.
    pub about: String,
    /// Its models.
    pub parts: Vec<Part>,
}

/// The systems that are trained, the judged one first.
pub(crate) fn systems(
    run: &RunFile,
    prepared: &Prepared,
    options: &CompareOptions,
) -> Result<Vec<System>, RunFileError> {
    let tasks: Vec<TaskName> = run
        .config
        .task
        .iter()
        .map(|task| task.name.clone())
        .collect();
    let mut systems = vec![
        System {
            name: MULTI.to_owned(),
            about: "the run file as it stands: one model for all tasks".to_owned(),
            parts: vec![Part::whole(run)],
        },
        single(run, prepared, &tasks, options.budget)?,
    ];
    if options.window && run.config.encoder.preset != Some(Preset::MtNetWindow) {
        systems.push(window(run, options)?);
    }
    Ok(systems)
}

fn single(
    run: &RunFile,
    prepared: &Prepared,
    tasks: &[TaskName],
    budget: Budget,
) -> Result<System, RunFileError> {
    let parts = tasks.iter().map(|task| {
        let mut part = Part::of(run, std::slice::from_ref(task))?;
        part.run.config.train = mtnet_train::run_file::TrainConfig {
            metric_for_best_model: part.run.config.train.metric_for_best_model.clone(),
            ..budget::of_one_task(run, prepared, task, budget)
        };
        part.run = made(part.run.config, part.run.base)?;
        Ok(part)
    });
    let about = match budget {
        Budget::Examples => "a model a task: as many examples of the task, as large batches",
        Budget::Steps => "a model a task: as many examples of the task, as many steps",
    };
    Ok(System {
        name: SINGLE.to_owned(),
        about: about.to_owned(),
        parts: parts.collect::<Result<_, RunFileError>>()?,
    })
}

/// The run as it stands, with the single-task models of the same seed as teachers.
pub(crate) fn distilled(
    run: &RunFile,
    single: &Trained,
    seeds: &[u64],
) -> Result<System, RunFileError> {
    let mut config = run.config.clone();
    let teaches = config.task.iter().any(|task| task.teacher.is_some());
    if !teaches {
        config.distillation = Some(DistillationConfig {
            annealing: Some(Annealing::Teacher),
            ..DistillationConfig::default()
        });
    }
    let of_seed = |folders: &Vec<PathBuf>| -> BTreeMap<TaskName, PathBuf> {
        let models = single.models.iter().flatten().cloned();
        models
            .zip(folders.iter().map(|folder| folder.join("model")))
            .collect()
    };
    let teachers: BTreeMap<u64, BTreeMap<TaskName, PathBuf>> = seeds
        .iter()
        .copied()
        .zip(single.folders.iter().map(of_seed))
        .collect();
    for task in &mut config.task {
        let first = teachers.values().next();
        task.teacher = first.and_then(|teachers| teachers.get(&task.name).cloned());
    }
    let mut part = Part::whole(&made(config, run.base.clone())?);
    part.teachers = teachers;
    Ok(System {
        name: DISTILLED.to_owned(),
        about: "the run file with the single-task models of the same seed as teachers".to_owned(),
        parts: vec![part],
    })
}

/// All tasks on the MT-Net over windows of words, with the settings of the quick start: what the
/// shared model of a large encoder must be worth more than.
fn window(run: &RunFile, options: &CompareOptions) -> Result<System, RunFileError> {
    let mut config = run.config.clone();
    config.encoder = EncoderConfig {
        preset: Some(Preset::MtNetWindow),
        num_window_layers: Some(2),
        max_length: config.encoder.max_length,
        word_vectors: options.word_vectors.clone(),
        ..EncoderConfig::default()
    };
    let train = &mut config.train;
    train.epochs = train.epochs.max(10.0);
    train.max_steps = None;
    train.batch_size = None;
    train.batch_tokens = 512;
    train.gradient_accumulation_steps = 1;
    train.optimizer = OptimizerConfig {
        learning_rate: 3e-3,
        ..OptimizerConfig::default()
    };
    let about = match &options.word_vectors {
        Some(_) => "all tasks on MT-Net over given word vectors, settings of the quick start",
        None => "all tasks on MT-Net over random word vectors, settings of the quick start",
    };
    Ok(System {
        name: WINDOW.to_owned(),
        about: about.to_owned(),
        parts: vec![Part::whole(&made(config, run.base.clone())?)],
    })
}
