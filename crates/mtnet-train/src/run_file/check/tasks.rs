//! Tasks and data sets: how many, their names, and who uses whom.

use std::collections::BTreeSet;

use mtnet_core::{DatasetName, LabelSet};
use mtnet_heads::HeadConfig;

use super::super::{EvalStrategy, RunConfig, TaskConfig};
use super::{Report, RunFileError, RunFileProblem};

/// That there are tasks and data sets, with names of their own, that belong together.
pub(super) fn check_lists(config: &RunConfig, report: &Report<'_>) -> Result<(), RunFileError> {
    let datasets: Vec<&str> = config
        .dataset
        .iter()
        .map(|dataset| dataset.name.as_str())
        .collect();
    let tasks: Vec<&str> = config.task.iter().map(|task| task.name.as_str()).collect();
    check_names("dataset", "where examples come from", &datasets, report)?;
    check_names("task", "what is learned from them", &tasks, report)?;
    for index in 0..config.task.len() {
        check_task(config, index, &datasets, report)?;
    }
    let used: BTreeSet<&DatasetName> = config
        .task
        .iter()
        .flat_map(|task| task.dataset.as_slice())
        .collect();
    match config
        .dataset
        .iter()
        .position(|dataset| !used.contains(&dataset.name))
    {
        Some(index) => {
            let name = datasets[index].to_owned();
            Err(report.error(
                &format!("dataset.{index}"),
                RunFileProblem::UnusedDataset { name },
            ))
        }
        None => Ok(()),
    }
}

fn check_names(
    list: &'static str,
    meaning: &str,
    names: &[&str],
    report: &Report<'_>,
) -> Result<(), RunFileError> {
    if names.is_empty() {
        let key = format!("table `[[{list}]]`");
        return Err(report.error(
            list,
            RunFileProblem::MissingKey {
                key,
                meaning: meaning.to_owned(),
            },
        ));
    }
    match (1..names.len()).find(|&index| names[..index].contains(&names[index])) {
        Some(index) => {
            let name = names[index].to_owned();
            let path = format!("{list}.{index}.name");
            Err(report.error(&path, RunFileProblem::DuplicateName { list, name }))
        }
        None => Ok(()),
    }
}

fn check_task(
    config: &RunConfig,
    index: usize,
    datasets: &[&str],
    report: &Report<'_>,
) -> Result<(), RunFileError> {
    let task = &config.task[index];
    let path = |key: &str| format!("task.{index}.{key}");
    let key = |key: &str| format!("task.{}.{key}", task.name);

    let named = task.dataset.as_slice();
    if named.is_empty() {
        return Err(report.value(
            &path("dataset"),
            &key("dataset"),
            "an empty list",
            "a data set",
        ));
    }
    for (position, name) in named.iter().enumerate() {
        if !datasets.contains(&name.as_str()) {
            let what = if datasets.len() == 1 {
                "the data set"
            } else {
                "one of the data sets"
            };
            return Err(report.unknown(
                &path("dataset"),
                &key("dataset"),
                name.as_str(),
                what,
                datasets,
            ));
        }
        if named[..position].contains(name) {
            let found = format!("a list with {:?} twice", name.as_str());
            return Err(report.value(
                &path("dataset"),
                &key("dataset"),
                found,
                "each data set once",
            ));
        }
    }
    let fields = task.label.as_slice();
    if fields.iter().any(|field| field.as_str().is_empty()) {
        return Err(report.value(&path("label"), &key("label"), "\"\"", "the name of a field"));
    }
    if fields.is_empty() {
        return Err(report.value(
            &path("label"),
            &key("label"),
            "an empty list",
            "the name of a field",
        ));
    }
    if let HeadConfig::QuestionAnswering(_) = task.head {
        check_answers(task, &path, &key, report)?;
    }
    if let Some(rate) = task
        .learning_rate
        .filter(|&rate| !(rate.is_finite() && rate >= 0.0))
    {
        let (path, key) = (path("learning_rate"), key("learning_rate"));
        return Err(report.value(&path, &key, rate, "a finite number, at least 0"));
    }
    if task.patience == Some(0) {
        let expected = "at least 1; leave it out for a task that never rests";
        return Err(report.value(&path("patience"), &key("patience"), 0, expected));
    }
    if task.patience.is_some() && config.train.eval_strategy == EvalStrategy::No {
        let expected = "left out where `train.eval_strategy = \"no\"`, since nothing is evaluated";
        let (path, key) = (path("patience"), key("patience"));
        return Err(report.value(&path, &key, task.patience.unwrap_or_default(), expected));
    }
    if let Some(margin) = task.wake_up {
        let expected = match task.patience {
            None => "left out, or `patience` beside it: a task without patience never rests",
            Some(_) if margin.is_finite() && margin >= 0.0 => "",
            Some(_) => "a finite number, at least 0",
        };
        if !expected.is_empty() {
            return Err(report.value(&path("wake_up"), &key("wake_up"), margin, expected));
        }
    }
    if task.train_examples == Some(0) {
        let expected = "at least 1; leave it out for all examples";
        return Err(report.value(&path("train_examples"), &key("train_examples"), 0, expected));
    }
    if let Some(share) = task.train_fraction {
        let expected = match task.train_examples {
            Some(_) => "one of `train_examples` and `train_fraction`, not both",
            None if share > 0.0 && share <= 1.0 => "",
            None => "a number above 0 and at most 1",
        };
        if !expected.is_empty() {
            let (path, key) = (path("train_fraction"), key("train_fraction"));
            return Err(report.value(&path, &key, share, expected));
        }
    }
    if task.warm_start && config.encoder.from.is_none() {
        let expected = "false, or a model folder that `encoder.from` names";
        return Err(report.value(&path("warm_start"), &key("warm_start"), true, expected));
    }
    if let Some(labels) = &task.labels {
        LabelSet::new(labels.iter().cloned()).map_err(|error| {
            let problem = RunFileProblem::Refused {
                key: key("labels"),
                problem: error.to_string(),
            };
            report.error(&path("labels"), problem)
        })?;
    }
    Ok(())
}

/// That a task which answers questions has what it needs, and nothing that means nothing to it.
fn check_answers(
    task: &TaskConfig,
    path: &dyn Fn(&str) -> String,
    key: &dyn Fn(&str) -> String,
    report: &Report<'_>,
) -> Result<(), RunFileError> {
    let fields = task.label.as_slice();
    if fields.len() != 2 {
        let names: Vec<&str> = fields.iter().map(|field| field.as_str()).collect();
        let expected = "two fields, that of the answers and that of their first characters: \
                        [\"answer\", \"answer_start\"]";
        return Err(report.value(
            &path("label"),
            &key("label"),
            format!("{names:?}"),
            expected,
        ));
    }
    if let Some(labels) = &task.labels {
        let expected = "left out: an answer is a span of the text, not one of a list";
        let found = format!("{labels:?}");
        return Err(report.value(&path("labels"), &key("labels"), found, expected));
    }
    if let Some(teacher) = &task.teacher {
        let expected = "left out: a task that answers questions learns from labels alone, since a \
                        teacher's windows need not hold the same tokens";
        let found = format!("{:?}", teacher.display().to_string());
        return Err(report.value(&path("teacher"), &key("teacher"), found, expected));
    }
    Ok(())
}

/// That `[distillation]` makes sense and has a teacher.
pub(super) fn check_distillation(
    config: &RunConfig,
    report: &Report<'_>,
) -> Result<(), RunFileError> {
    let Some(table) = &config.distillation else {
        return Ok(());
    };
    if let Some((name, found, expected)) = table.problem() {
        let key = format!("distillation.{name}");
        return Err(report.value(&key, &key, found, expected));
    }
    match config.task.iter().any(|task| task.teacher.is_some()) {
        true => Ok(()),
        false => Err(report.error(
            "distillation",
            RunFileProblem::Refused {
                key: "distillation".to_owned(),
                problem: "no task has a teacher; give one `teacher = \"runs/NAME/model\"`, or \
                          remove the table"
                    .to_owned(),
            },
        )),
    }
}

/// That the settings of each data set go together.
pub(super) fn check_datasets(config: &RunConfig, report: &Report<'_>) -> Result<(), RunFileError> {
    for (index, dataset) in config.dataset.iter().enumerate() {
        dataset.check().map_err(|error| {
            let key = match &error {
                mtnet_data::DataError::Config { key, .. } => key,
                _ => "name",
            };
            report.error(&format!("dataset.{index}.{key}"), error)
        })?;
    }
    Ok(())
}
