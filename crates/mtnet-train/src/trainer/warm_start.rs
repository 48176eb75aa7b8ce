//! Heads that begin as they are in the model folder that the encoder comes from.

use std::collections::BTreeMap;
use std::path::Path;

use candle_core::{Device, Tensor};
use mtnet_core::TaskName;
use mtnet_encoders::{HubCache, PretrainedFolder};
use mtnet_heads::{HeadConfig, HeadRegistry, TaskSpec};
use mtnet_model::ModelFolder;

use super::TrainError;
use crate::optimizer::HEAD_PREFIX;
use crate::run_file::{RunConfig, TaskConfig};

/// Specifications and weights of the heads that start warm.
#[derive(Debug, Default)]
pub(super) struct WarmStart {
    /// By task, as the model folder has them.
    pub specs: BTreeMap<TaskName, TaskSpec>,
    /// Their tensors by the names of parameters.
    pub tensors: BTreeMap<String, Tensor>,
}

impl WarmStart {
    /// Reads them for the tasks that ask for it; the folder is opened where one does.
    pub fn read(
        config: &RunConfig,
        base: &Path,
        registry: &HeadRegistry,
    ) -> Result<Self, TrainError> {
        let mut warm = Self::default();
        let mut tasks = config.task.iter().filter(|task| task.warm_start).peekable();
        let (Some(first), Some(from)) = (tasks.peek(), &config.encoder.from) else {
            return Ok(warm);
        };
        let folder = PretrainedFolder::find(from, base, &HubCache::from_env())?;
        if !folder.path().join("tasks.json").is_file() {
            let problem = format!(
                "{} has no `tasks.json`, so it holds no trained head; name a model folder of MT-Net \
                 in `encoder.from`, or set `warm_start = false`",
                folder.path().display()
            );
            return Err(TrainError::WarmStart {
                task: first.name.clone(),
                problem,
            });
        }
        let model = ModelFolder::open(folder.path(), registry, &Device::Cpu)?.model;
        for task in tasks {
            let index = model.task_index(&task.name)?;
            let spec = &model.tasks()[index].spec;
            fits(task, spec)?;
            let prefix = format!("{HEAD_PREFIX}{}.", task.name);
            let of_head = model.parameters().vars().into_iter();
            let of_head = of_head.filter(|(name, _)| name.starts_with(&prefix));
            warm.tensors
                .extend(of_head.map(|(name, var)| (name, var.as_detached_tensor())));
            warm.specs.insert(task.name.clone(), spec.clone());
        }
        Ok(warm)
    }
}

/// That the run file means the head and the labels that the model has.
fn fits(task: &TaskConfig, spec: &TaskSpec) -> Result<(), TrainError> {
    let refuse = |problem| {
        Err(TrainError::WarmStart {
            task: task.name.clone(),
            problem,
        })
    };
    let mut head = task.head.clone();
    if let (HeadConfig::Regression(given), HeadConfig::Regression(known)) = (&mut head, &spec.head)
    {
        // Learned from the data where a run file does not state them.
        given.shift = given.shift.take().or_else(|| known.shift.clone());
        given.scale = given.scale.take().or_else(|| known.scale.clone());
    }
    if head != spec.head {
        let written = |head: &HeadConfig| serde_json::Value::from(head.clone()).to_string();
        return refuse(format!(
            "the run file gives it the head {}, the model has {}; write the model's head, or give \
             the new task another name",
            written(&task.head),
            written(&spec.head)
        ));
    }
    match &task.labels {
        Some(labels) if *labels != spec.labels => refuse(format!(
            "the run file gives it the labels `{}`, the model has `{}`; leave `labels` out, or give \
             the new task another name",
            labels.join("`, `"),
            spec.labels.join("`, `")
        )),
        _ => Ok(()),
    }
}
