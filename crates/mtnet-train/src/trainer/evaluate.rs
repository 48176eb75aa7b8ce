//! Scoring a model on a split: one pass over the texts, every task on what it has labels for.

use std::collections::BTreeMap;

use mtnet_core::{SequenceSource, Target, TaskName};
use mtnet_data::{Corpus, sequential_batches};
use mtnet_heads::Answer;
use mtnet_metrics::Direction;
use mtnet_model::{LabelledScores, MultiTaskModel, Task, merge_windows};

use super::TrainError;
use super::corpus::targets_of;
use super::majority::Majority;
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
    Answers::collect(model, corpus, batch_tokens)?.metrics(model, corpus)
}

/// What a model answered for the labelled examples of a corpus, a part a task.
pub(super) struct Answers(Vec<Found>);

impl Answers {
    /// Asks the model, every task in one pass.
    pub(super) fn collect(
        model: &MultiTaskModel,
        corpus: &Corpus,
        batch_tokens: usize,
    ) -> Result<Self, TrainError> {
        let found = model.tasks().iter().map(|_| Found::default());
        Self::into(found.collect(), model, corpus, batch_tokens)
    }

    /// The same, and keeps the scores of labelled rows, where a head has probabilities.
    pub(super) fn with_scores(
        model: &MultiTaskModel,
        corpus: &Corpus,
        batch_tokens: usize,
    ) -> Result<Self, TrainError> {
        let found = model.tasks().iter().map(|task| Found {
            scores: task.labelled_scores(),
            ..Found::default()
        });
        Self::into(found.collect(), model, corpus, batch_tokens)
    }

    fn into(
        mut found: Vec<Found>,
        model: &MultiTaskModel,
        corpus: &Corpus,
        batch_tokens: usize,
    ) -> Result<Self, TrainError> {
        let all: Vec<usize> = (0..corpus.len())
            .filter(|&example| !corpus.targets()[example].is_empty())
            .collect();
        for batch in sequential_batches(corpus, &all, batch_tokens) {
            let tasks = model.tasks().iter().zip(model.evaluate(&batch)?);
            for (found, (task, evaluated)) in found.iter_mut().zip(tasks) {
                let targets = batch.targets.get(&task.spec.name);
                let Some((evaluated, targets)) = evaluated.zip(targets) else {
                    continue;
                };
                if let Some(kept) = &mut found.scores {
                    task.collect(kept, &evaluated.scores, &targets.values)?;
                }
                found.loss += evaluated.mean * evaluated.count as f64;
                found.rows += evaluated.count;
                found.answers.extend(evaluated.answers);
            }
        }
        Ok(Self(found))
    }

    /// The kept scores of the `task`-th task.
    pub(super) fn scores(&self, task: usize) -> Option<&LabelledScores> {
        self.0[task].scores.as_ref()
    }

    /// Answers and targets of the `task`-th task by example.
    pub(super) fn of_task<'a>(
        &self,
        task: usize,
        name: &'a TaskName,
        corpus: &'a Corpus,
    ) -> Vec<(usize, Answer, &'a Target)> {
        let merged = merge_windows(self.0[task].answers.iter().cloned());
        let of_example = |(example, answer)| {
            let targets: &BTreeMap<TaskName, Target> = &corpus.targets()[example];
            Some((example, answer, targets.get(name)?))
        };
        merged.into_iter().filter_map(of_example).collect()
    }

    /// The metrics of every task that has a target in the corpus.
    pub(super) fn metrics(
        &self,
        model: &MultiTaskModel,
        corpus: &Corpus,
    ) -> Result<SplitMetrics, TrainError> {
        let mut metrics = SplitMetrics::new();
        for (index, (task, found)) in model.tasks().iter().zip(&self.0).enumerate() {
            if found.answers.is_empty() {
                continue;
            }
            let answers = self.of_task(index, &task.spec.name, corpus);
            let targets: Vec<&Target> = answers.iter().map(|(_, _, target)| *target).collect();
            let answers: Vec<Answer> = answers.into_iter().map(|(_, answer, _)| answer).collect();
            let mut scores = metrics_of(task, &answers, &targets)?;
            scores.insert("loss".to_owned(), found.loss / found.rows.max(1) as f64);
            metrics.insert(task.spec.name.clone(), scores);
        }
        Ok(metrics)
    }
}

#[derive(Default)]
struct Found {
    loss: f64,
    rows: usize,
    answers: Vec<(SequenceSource, Answer)>,
    scores: Option<LabelledScores>,
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
    let found = Answers::collect(model, corpus, batch_tokens)?;
    let mut answers = BTreeMap::new();
    for (index, task) in model.tasks().iter().enumerate() {
        let name = &task.spec.name;
        let of_task = found.of_task(index, name, corpus);
        if !of_task.is_empty() {
            let of_task = of_task.into_iter().map(|(_, answer, _)| answer);
            answers.insert(name.clone(), of_task.collect());
        }
    }
    Ok(answers)
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
