//! The examples of a run file's data, with targets in the columns of the model.

use std::collections::BTreeMap;

use mtnet::attack::AttackExample;
use mtnet::core::{RandomStream, Split, TaskName};
use mtnet::data::{
    LabelOptions, LabelSource, SplitData, TaskField, TaskSchemas, encode_targets, read_split,
};
use mtnet::model::{ModelFolder, Task};
use mtnet::train::run_file::{RunFile, TaskConfig};
use mtnet::train::trainer::TrainError;

use crate::cli::exit::Stop;

/// Every example of a split.
#[derive(Debug)]
pub struct Examples(Vec<AttackExample>);

/// The examples drawn for a task.
#[derive(Debug)]
pub struct TaskExamples {
    /// The task.
    pub name: TaskName,
    /// In the order of the data.
    pub examples: Vec<AttackExample>,
}

/// Reads the split of every data set that a task of the model reads.
pub fn read(run: &RunFile, split: Split, folder: &ModelFolder) -> anyhow::Result<Examples> {
    let known: Vec<(&TaskConfig, &Task)> = run
        .config
        .task
        .iter()
        .filter_map(|config| {
            let index = folder.model.task_index(&config.name).ok()?;
            Some((config, &folder.model.tasks()[index]))
        })
        .collect();
    if known.is_empty() {
        let names = |names: Vec<&str>| names.join(", ");
        return Err(Stop::usage(format!(
            "none of the run file's tasks ({}) is in the model, which has {}",
            names(
                run.config
                    .task
                    .iter()
                    .map(|task| task.name.as_str())
                    .collect()
            ),
            names(
                folder
                    .model
                    .tasks()
                    .iter()
                    .map(|task| task.spec.name.as_str())
                    .collect()
            ),
        )));
    }
    let mut data: Vec<SplitData> = Vec::new();
    for dataset in run
        .config
        .dataset
        .iter()
        .filter(|dataset| dataset.has(split))
    {
        let fields: Vec<TaskField> = known
            .iter()
            .filter(|(config, _)| config.dataset.as_slice().contains(&dataset.name))
            .map(|(config, task)| TaskField {
                task: config.name.clone(),
                fields: config.label.as_slice().to_vec(),
                kind: task.head.target_kind(),
            })
            .collect();
        if !fields.is_empty() {
            data.push(read_split(dataset, split, &fields, &run.base).map_err(TrainError::from)?);
        }
    }
    if data.is_empty() {
        return Err(Stop::usage(format!(
            "no data set of the model's tasks has a {split} split; name its file, or choose \
             another --split"
        )));
    }
    let options: BTreeMap<TaskName, LabelOptions> = known
        .iter()
        .map(|(config, task)| {
            let options = LabelOptions {
                labels: LabelSource::Given(task.spec.labels.clone()),
                unknown_label: config.unknown_label.clone(),
                scheme: config.scheme,
                ..LabelOptions::new(task.head.target_kind())
            };
            (config.name.clone(), options)
        })
        .collect();
    let schemas =
        TaskSchemas::infer(&options, &data.iter().collect::<Vec<_>>()).map_err(TrainError::from)?;
    let mut examples = Vec::new();
    for data in &data {
        let targets = encode_targets(data, &schemas).map_err(TrainError::from)?;
        for (example, targets) in data.examples.iter().zip(targets) {
            examples.push(AttackExample {
                index: examples.len(),
                input: example.text.clone(),
                targets,
            });
        }
    }
    Ok(Examples(examples))
}

impl Examples {
    /// Up to `count` examples of each wanted task (of all if `wanted` is empty) that have a target
    /// for it; 0 stands for all of them.
    pub fn tasks(
        &self,
        folder: &ModelFolder,
        wanted: &[TaskName],
        count: usize,
        seed: u64,
    ) -> Vec<TaskExamples> {
        let names = folder.model.tasks().iter().map(|task| &task.spec.name);
        let names = names.filter(|name| wanted.is_empty() || wanted.contains(name));
        let drawn = names.map(|name| TaskExamples {
            name: name.clone(),
            examples: self.drawn(name, count, seed),
        });
        drawn.filter(|task| !task.examples.is_empty()).collect()
    }

    fn drawn(&self, task: &TaskName, count: usize, seed: u64) -> Vec<AttackExample> {
        let mut labelled: Vec<&AttackExample> = self
            .0
            .iter()
            .filter(|example| example.targets.contains_key(task))
            .collect();
        if count > 0 && count < labelled.len() {
            let mut stream = RandomStream::new(seed)
                .child("attack-examples")
                .child(task.as_str());
            stream.shuffle(&mut labelled);
            labelled.truncate(count);
            labelled.sort_by_key(|example| example.index);
        }
        labelled.into_iter().cloned().collect()
    }
}
