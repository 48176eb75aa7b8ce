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
pub(crate) struct TestData<'a> {
    pub tasks: Vec<TestTask<'a>>,
}

pub(crate) struct TestTask<'a> {
    pub task: &'a Task,
    pub split: Split,
    pub metric: String,
    pub targets: Vec<&'a Target>,
    pub majority: Option<f64>,
}

impl<'a> TestData<'a> {
    pub(crate) fn new(run: &RunFile, prepared: &'a Prepared) -> Result<Self, CompareError> {
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
    pub(crate) fn scores(&self) -> TaskScores<'_> {
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
fn main_metric(task: &Task, targets: &[&Target], name: &TaskName) -> Result<String, CompareError> {
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
