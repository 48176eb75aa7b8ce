//! A run over some of the tasks of a run.

use std::collections::BTreeMap;
use std::path::PathBuf;

use mtnet_balance::BalanceConfig;
use mtnet_core::TaskName;
use mtnet_train::run_file::{RunConfig, RunFile, RunFileError};
use serde_json::Value;

/// One run of a system: a model for some of the tasks.
#[derive(Clone, Debug)]
pub struct Part {
    /// Its tasks.
    pub tasks: Vec<TaskName>,
    /// Its run file, with the seed of the given one.
    pub run: RunFile,
    /// Teachers of its tasks by seed, where they are not those of the run file.
    pub teachers: BTreeMap<u64, BTreeMap<TaskName, PathBuf>>,
}

impl Part {
    /// The tasks of `run` with the settings of `run`.
    pub fn whole(run: &RunFile) -> Self {
        Self {
            tasks: run
                .config
                .task
                .iter()
                .map(|task| task.name.clone())
                .collect(),
            run: run.clone(),
            teachers: BTreeMap::new(),
        }
    }

    /// Some tasks of `run` with their data sets; what names other tasks falls away, and one task
    /// alone is neither balanced nor sampled, and learns from its labels alone.
    ///
    /// # Errors
    /// If the settings of the run make no sense for them.
    pub fn of(run: &RunFile, tasks: &[TaskName]) -> Result<Self, RunFileError> {
        let mut config = run.config.clone();
        config.task.retain(|task| tasks.contains(&task.name));
        let used = |name| {
            let mut tasks = config.task.iter();
            tasks.any(|task| task.dataset.as_slice().contains(name))
        };
        let datasets = config.dataset.iter().filter(|dataset| used(&dataset.name));
        config.dataset = datasets.cloned().collect();
        if config.task.len() == 1 {
            config.balance = BalanceConfig::default();
            config.sampler = Default::default();
            config.train.metric_for_best_model = "mean".to_owned();
            config.task[0].teacher = None;
        } else {
            config.balance = without_others(&config.balance, tasks);
            config
                .sampler
                .weights
                .retain(|task, _| tasks.contains(task));
            let selects = &mut config.train.metric_for_best_model;
            let task = selects.split('.').next().unwrap_or_default();
            if !tasks.iter().any(|name| name.as_str() == task) {
                *selects = "mean".to_owned();
            }
        }
        if config.task.iter().all(|task| task.teacher.is_none()) {
            config.distillation = None;
        }
        Ok(Self {
            teachers: BTreeMap::new(),
            tasks: config.task.iter().map(|task| task.name.clone()).collect(),
            run: made(config, run.base.clone())?,
        })
    }

    /// The run with another seed, and the teachers of that seed.
    pub fn with_seed(&self, seed: u64) -> RunFile {
        let mut run = self.run.clone();
        run.config.run.seed = seed;
        if let Some(teachers) = self.teachers.get(&seed) {
            for task in &mut run.config.task {
                task.teacher = teachers.get(&task.name).cloned();
            }
        }
        run
    }
}

/// A run file from tables.
pub(crate) fn made(config: RunConfig, base: PathBuf) -> Result<RunFile, RunFileError> {
    RunFile::new(config, base)
}

/// Settings a task, such as fixed weights, without those of other tasks.
fn without_others(balance: &BalanceConfig, tasks: &[TaskName]) -> BalanceConfig {
    let Ok(Value::Object(mut settings)) = serde_json::to_value(balance) else {
        return balance.clone();
    };
    for value in settings.values_mut() {
        if let Value::Object(by_task) = value {
            by_task.retain(|name, _| tasks.iter().any(|task| task.as_str() == name));
        }
    }
    serde_json::from_value(Value::Object(settings)).unwrap_or_else(|_| balance.clone())
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub(crate) const RUN: &str = r#"
        [run]
        name = "three"
        seed = 7

        [encoder]
        preset = "mt-net-window"

        [train]
        epochs = 4
        metric_for_best_model = "b"

        [balance]
        method = "fixed"
        weights = { a = 2.0, b = 3.0, c = 1.0 }

        [sampler]
        strategy = "weights"
        weights = { a = 2.0 }

        [[dataset]]
        name = "one"
        format = "jsonl"
        train = "one.jsonl"

        [[dataset]]
        name = "two"
        format = "jsonl"
        train = "two.jsonl"

        [[task]]
        name = "a"
        dataset = "one"
        head = "classification"
        label = "a"

        [[task]]
        name = "b"
        dataset = "one"
        head = "classification"
        label = "b"

        [[task]]
        name = "c"
        dataset = "two"
        head = "classification"
        label = "c"
    "#;

    pub(crate) fn run() -> RunFile {
        RunFile::parse(RUN, "run.toml".as_ref(), &[]).expect("a run file")
    }

    fn names(names: &[&str]) -> Vec<TaskName> {
        names
            .iter()
            .map(|name| TaskName::new(*name).expect("a name"))
            .collect()
    }

    #[test]
    fn one_task_keeps_its_data_and_loses_what_names_others() {
        let part = Part::of(&run(), &names(&["c"])).unwrap();
        let config = &part.run.config;
        assert_eq!(part.tasks, names(&["c"]));
        assert_eq!(
            (config.dataset.len(), config.dataset[0].name.as_str()),
            (1, "two")
        );
        assert_eq!(config.balance, BalanceConfig::default());
        assert_eq!(config.sampler, Default::default());
        assert_eq!(config.train.metric_for_best_model, "mean");
        assert_eq!(config.train.epochs, 4.0);
    }

    #[test]
    fn a_group_keeps_the_settings_of_its_tasks() {
        let part = Part::of(&run(), &names(&["b", "c"])).unwrap();
        let text = part.run.render();
        assert!(
            text.contains("b = 3.0") && text.contains("c = 1.0"),
            "{text}"
        );
        assert!(!text.contains("a = 2.0"), "{text}");
        assert_eq!(part.run.config.train.metric_for_best_model, "b");
        let other = Part::of(&run(), &names(&["a", "c"])).unwrap();
        assert_eq!(other.run.config.train.metric_for_best_model, "mean");
        assert_eq!(part.with_seed(9).config.run.seed, 9);
    }
}
