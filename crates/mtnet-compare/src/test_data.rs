//! The test data of a comparison: targets, heads and metrics of its tasks.

use mtnet_core::{Split, Target, TaskName};
use mtnet_heads::Answer;
use mtnet_model::Task;
use mtnet_train::run_file::RunFile;
use mtnet_train::trainer::{Majority, Prepared, majority_scores};

use crate::assemble::{Judged, SystemAnswers};
use crate::trained::Trained;
use crate::{CompareError, TaskScores};

/// The test data of all tasks.
#[derive(Debug)]
pub struct TestData<'a> {
    /// In the order of the model's tasks.
    pub tasks: Vec<TestTask<'a>>,
}

/// The test data of one task.
#[derive(Debug)]
pub struct TestTask<'a> {
    /// The task, with its head.
    pub task: &'a Task,
    /// Test, or development data where there is no test data.
    pub split: Split,
    /// The metric of the run file, or else the head's first.
    pub metric: String,
    /// The targets in the order of the examples.
    pub targets: Vec<&'a Target>,
    /// Score of the commonest answer of the training data.
    pub majority: Option<f64>,
}

impl<'a> TestData<'a> {
    /// The test data of a prepared run.
    ///
    /// # Errors
    /// If a task has neither test nor development data, or cannot be scored on it.
    pub fn new(run: &RunFile, prepared: &'a Prepared) -> Result<Self, CompareError> {
        let mut tasks = Vec::new();
        for task in prepared.folder.model.tasks() {
            let name = &task.spec.name;
            let of = |split: Split| -> Vec<&'a Target> {
                let targets = prepared.corpus(split).targets().iter();
                targets.filter_map(|targets| targets.get(name)).collect()
            };
            let splits = [Split::Test, Split::Dev].map(|split| (split, of(split)));
            let Some((split, targets)) =
                splits.into_iter().find(|(_, targets)| !targets.is_empty())
            else {
                return Err(CompareError::NoTestData { task: name.clone() });
            };
            let train = prepared.corpus(Split::Train);
            let majority = majority_scores(task, train, prepared.corpus(split))?;
            let config = run.config.task.iter().find(|config| &config.name == name);
            let metric = match config.and_then(|config| config.metric.clone()) {
                Some(metric) => metric,
                None => main_metric(task, &targets, name)?,
            };
            tasks.push(TestTask {
                task,
                split,
                majority: majority.get(&metric).copied(),
                metric,
                targets,
            });
        }
        Ok(Self { tasks })
    }

    pub(crate) fn judged<'b>(
        &'b self,
        trained: &'b [Trained],
    ) -> Result<Vec<Judged<'b>>, CompareError> {
        let of_task = |task: &'b TestTask<'a>| {
            let systems = trained.iter().map(|system| {
                Ok(SystemAnswers {
                    method: &system.name,
                    answers: system.answers(task)?,
                })
            });
            Ok(Judged {
                scores: task.scores(),
                split: task.split,
                majority: task.majority,
                systems: systems.collect::<Result<_, CompareError>>()?,
            })
        };
        self.tasks.iter().map(of_task).collect()
    }
}

impl TestTask<'_> {
    /// What its answers are scored by.
    pub fn scores(&self) -> TaskScores<'_> {
        TaskScores {
            task: &self.task.spec.name,
            head: self.task.head.as_ref(),
            labels: &self.task.spec.labels,
            targets: &self.targets,
            metric: &self.metric,
            higher_is_better: TaskScores::higher_is_better(&self.metric),
        }
    }
}

/// The first metric of the head.
///
/// # Errors
/// If targets and head do not fit.
pub fn main_metric(
    task: &Task,
    targets: &[&Target],
    name: &TaskName,
) -> Result<String, CompareError> {
    let kind = task.head.target_kind();
    let columns = task.spec.labels.len();
    let majority = Majority::new(kind, columns, targets.iter().copied());
    let answers: Vec<Answer> = targets
        .iter()
        .map(|target| majority.answer(target))
        .collect();
    let metrics = task
        .head
        .metrics(&answers, targets)
        .map_err(|source| CompareError::Score {
            task: name.clone(),
            source: Box::new(source),
        })?;
    let first = metrics.iter().next().map(|metric| metric.name.to_string());
    Ok(first.unwrap_or_default())
}
