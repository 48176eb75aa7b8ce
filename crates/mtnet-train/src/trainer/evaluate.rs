//! Scoring a model on a split: one pass over the texts, every task on what it has labels for.

use std::collections::BTreeMap;

use mtnet_core::{SequenceSource, Target, TaskName};
use mtnet_data::{Corpus, sequential_batches};
use mtnet_heads::Answer;
use mtnet_metrics::Direction;
use mtnet_model::{MultiTaskModel, Task, merge_windows};

use super::TrainError;
use super::majority::Majority;
use super::prepare::targets_of;
use super::selection::{MainMetric, SplitMetrics};

/// Scores every task of a model on the examples of a corpus that have a target for it.
///
/// Each task's `loss` (the mean over its labelled rows) stands beside its metrics. A task without
/// a target in the corpus is absent.
///
/// # Errors
/// If targets and heads do not fit, or a tensor operation fails.
pub fn evaluate(
    model: &MultiTaskModel,
    corpus: &Corpus,
    batch_tokens: usize,
) -> Result<SplitMetrics, TrainError> {
    let found = Found::of_all(model, corpus, batch_tokens)?;
    let mut metrics = SplitMetrics::new();
    for (task, found) in model.tasks().iter().zip(found) {
        if found.answers.is_empty() {
            continue;
        }
        let mut scores = found.metrics(task, corpus)?;
        scores.insert("loss".to_owned(), found.loss / found.rows.max(1) as f64);
        metrics.insert(task.spec.name.clone(), scores);
    }
    Ok(metrics)
}

#[derive(Default)]
struct Found {
    loss: f64,
    rows: usize,
    answers: Vec<(SequenceSource, Answer)>,
}

impl Found {
    fn of_all(
        model: &MultiTaskModel,
        corpus: &Corpus,
        batch_tokens: usize,
    ) -> Result<Vec<Self>, TrainError> {
        let mut found: Vec<Self> = model.tasks().iter().map(|_| Self::default()).collect();
        let all: Vec<usize> = (0..corpus.len())
            .filter(|&example| !corpus.targets()[example].is_empty())
            .collect();
        for batch in sequential_batches(corpus, &all, batch_tokens) {
            for (found, task) in found.iter_mut().zip(model.evaluate(&batch)?) {
                if let Some(task) = task {
                    found.loss += task.mean * task.count as f64;
                    found.rows += task.count;
                    found.answers.extend(task.answers);
                }
            }
        }
        Ok(found)
    }

    fn metrics(&self, task: &Task, corpus: &Corpus) -> Result<BTreeMap<String, f64>, TrainError> {
        let (answers, targets) = self.pairs(task, corpus);
        metrics_of(task, &answers, &targets)
    }

    /// Answers with their targets, in the order of the examples.
    fn pairs<'a>(&self, task: &Task, corpus: &'a Corpus) -> (Vec<Answer>, Vec<&'a Target>) {
        let targets = |example: usize| corpus.targets()[example].get(&task.spec.name);
        merge_windows(self.answers.iter().cloned())
            .into_iter()
            .filter_map(|(example, answer)| Some((answer, targets(example)?)))
            .unzip()
    }
}

/// What every task answers for the examples of a corpus that have a target for it, in the order of
/// the examples. A task without a target in the corpus is absent.
///
/// # Errors
/// If targets and heads do not fit, or a tensor operation fails.
pub fn corpus_answers(
    model: &MultiTaskModel,
    corpus: &Corpus,
    batch_tokens: usize,
) -> Result<BTreeMap<TaskName, Vec<Answer>>, TrainError> {
    let found = Found::of_all(model, corpus, batch_tokens)?;
    let tasks = model.tasks().iter().zip(found);
    Ok(tasks
        .filter(|(_, found)| !found.answers.is_empty())
        .map(|(task, found)| (task.spec.name.clone(), found.pairs(task, corpus).0))
        .collect())
}

/// Scores of always answering the commonest thing of `train`, on the examples of `corpus`.
///
/// # Errors
/// If targets and head do not fit.
pub fn majority_scores(
    task: &Task,
    train: &Corpus,
    corpus: &Corpus,
) -> Result<BTreeMap<String, f64>, TrainError> {
    let name = &task.spec.name;
    let majority = Majority::new(
        task.head.target_kind(),
        task.spec.labels.len(),
        targets_of(train, name).map(|(_, target)| target),
    );
    let targets: Vec<&Target> = targets_of(corpus, name).map(|(_, target)| target).collect();
    let answers: Vec<Answer> = targets
        .iter()
        .map(|target| majority.answer(target))
        .collect();
    metrics_of(task, &answers, &targets)
}

/// The metric that each task is selected and reported by: the one its run file names, else the
/// first of its head.
///
/// # Errors
/// If a named metric is not one of the head's.
pub fn main_metrics(
    model: &MultiTaskModel,
    named: &BTreeMap<TaskName, String>,
    corpus: &Corpus,
) -> Result<Vec<MainMetric>, TrainError> {
    let mut main = Vec::with_capacity(model.tasks().len());
    for task in model.tasks() {
        let name = &task.spec.name;
        let targets: Vec<&Target> = targets_of(corpus, name).map(|(_, target)| target).collect();
        let majority = Majority::new(
            task.head.target_kind(),
            task.spec.labels.len(),
            targets.iter().copied(),
        );
        let answers: Vec<Answer> = targets
            .iter()
            .map(|target| majority.answer(target))
            .collect();
        let set = task
            .head
            .metrics(&answers, &targets)
            .map_err(TrainError::head(name))?;
        let chosen = match named.get(name) {
            Some(wanted) => set.iter().find(|metric| metric.name == wanted.as_str()),
            None => set.iter().next(),
        };
        let Some(chosen) = chosen else {
            return Err(TrainError::SelectionMetric {
                task: name.clone(),
                found: named.get(name).cloned().unwrap_or_default(),
                known: set
                    .iter()
                    .map(|metric| metric.name.to_string())
                    .collect::<Vec<_>>()
                    .join(", "),
            });
        };
        main.push(MainMetric {
            task: name.clone(),
            metric: chosen.name.to_string(),
            lower_is_better: chosen.direction == Direction::LowerIsBetter,
        });
    }
    Ok(main)
}

fn metrics_of(
    task: &Task,
    answers: &[Answer],
    targets: &[&Target],
) -> Result<BTreeMap<String, f64>, TrainError> {
    let set = task
        .head
        .metrics(answers, targets)
        .map_err(TrainError::head(&task.spec.name))?;
    Ok(set
        .iter()
        .map(|metric| (metric.name.to_string(), metric.value))
        .collect())
}
