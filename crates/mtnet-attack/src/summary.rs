//! The closing table of an attack.

use std::collections::BTreeMap;

use mtnet_core::{Target, TaskName};
use mtnet_heads::{Answer, HeadError};
use mtnet_model::Task;
use serde::Serialize;

use crate::{AttackConfig, AttackError, AttackExample, AttackOutcome, GoalConfig, Status, wilson};

/// What an attack on a task came to.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Summary {
    /// The task.
    pub task: TaskName,
    /// The recipe.
    pub recipe: String,
    /// Examples.
    pub examples: usize,
    /// Examples where the goal was reached.
    pub successful: usize,
    /// Examples where it was not.
    pub failed: usize,
    /// Examples with nothing to attack.
    pub skipped: usize,
    /// Share of examples whose clean answer is right.
    pub original_accuracy: Share,
    /// Share of examples whose answer is right and stays so; `None` where the goal is to keep it.
    pub accuracy_under_attack: Option<Share>,
    /// Share of the attacked examples where the goal was reached.
    pub success_rate: Share,
    /// Mean share of words changed, over successes, from 0 to 1.
    pub words_changed: Option<f64>,
    /// Mean edits of characters, over successes.
    pub distance: Option<f64>,
    /// Mean words that are left, over all attacked examples, where the goal is to have few.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub words_left: Option<f64>,
    /// Mean questions of an attacked example.
    pub queries: Option<f64>,
    /// Mean gradients of an attacked example, where there were any.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gradients: Option<f64>,
    /// Mean words of an example.
    pub words: Option<f64>,
    /// Name of the task's main metric.
    pub metric: Option<String>,
    /// The metric on the clean texts.
    pub clean_metric: Option<f64>,
    /// The metric on the attacked texts, those of failed attacks included.
    pub attacked_metric: Option<f64>,
}

/// A share with its 95 % interval (see [`wilson`]).
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Share {
    /// From 0 to 1; NaN of nothing.
    pub value: f64,
    /// Lower end of the interval.
    pub low: f64,
    /// Upper end of the interval.
    pub high: f64,
}

impl Share {
    /// `part` of `whole`.
    pub fn new(part: usize, whole: usize) -> Self {
        let (low, high) = wilson(part, whole);
        Self {
            value: part as f64 / whole as f64,
            low,
            high,
        }
    }
}

impl Summary {
    /// Sums the outcomes of [`attack`](crate::attack) up. `examples` are those that were attacked,
    /// for their targets.
    ///
    /// # Errors
    /// If the task's metrics cannot be computed.
    pub fn new(
        task: &Task,
        config: &AttackConfig,
        examples: &[AttackExample],
        outcomes: &[AttackOutcome],
    ) -> Result<Self, AttackError> {
        let count = |status| outcomes.iter().filter(|one| one.status == status).count();
        let (successful, failed) = (count(Status::Successful), count(Status::Failed));
        let right = outcomes.iter().filter(|one| one.starts_right).count();
        let reduces = matches!(config.goal, GoalConfig::InputReduction { .. });
        let successes = || {
            outcomes
                .iter()
                .filter(|one| one.status == Status::Successful)
        };
        let attacked = || outcomes.iter().filter(|one| one.status != Status::Skipped);
        let gradients = mean(attacked().map(|one| one.gradients as f64));

        let by_index: BTreeMap<usize, &Target> = examples
            .iter()
            .filter_map(|example| Some((example.index, example.targets.get(&task.spec.name)?)))
            .collect();
        let targets: Vec<&Target> = outcomes
            .iter()
            .filter_map(|one| by_index.get(&one.index).copied())
            .collect();
        let metric = |of: fn(&AttackOutcome) -> &Answer| main_metric(task, outcomes, of, &targets);
        let clean = metric(|one| &one.clean_answer)?;
        let under_attack = metric(|one| &one.attacked_answer)?;
        Ok(Self {
            task: task.spec.name.clone(),
            recipe: config.name.clone(),
            examples: outcomes.len(),
            successful,
            failed,
            skipped: count(Status::Skipped),
            original_accuracy: Share::new(right, outcomes.len()),
            accuracy_under_attack: (!reduces)
                .then(|| Share::new(right - successful, outcomes.len())),
            success_rate: Share::new(successful, successful + failed),
            words_changed: mean(
                successes().map(|one| one.words_changed as f64 / one.words.max(1) as f64),
            ),
            distance: mean(successes().map(|one| one.distance as f64)),
            words_left: match reduces {
                true => mean(attacked().map(|one| one.text.countable_left() as f64)),
                false => None,
            },
            queries: mean(attacked().map(|one| one.queries as f64)),
            gradients: gradients.filter(|&mean| mean > 0.0),
            words: mean(outcomes.iter().map(|one| one.words as f64)),
            metric: clean.as_ref().map(|(name, _)| name.clone()),
            clean_metric: clean.map(|(_, value)| value),
            attacked_metric: under_attack.map(|(_, value)| value),
        })
    }
}

fn main_metric(
    task: &Task,
    outcomes: &[AttackOutcome],
    of: fn(&AttackOutcome) -> &Answer,
    targets: &[&Target],
) -> Result<Option<(String, f64)>, AttackError> {
    if targets.is_empty() || targets.len() != outcomes.len() {
        return Ok(None);
    }
    let answers: Vec<Answer> = outcomes.iter().map(|one| of(one).clone()).collect();
    main_metric_of(task, &answers, targets)
}

/// Name and value of a task's main metric.
pub(crate) fn main_metric_of(
    task: &Task,
    answers: &[Answer],
    targets: &[&Target],
) -> Result<Option<(String, f64)>, AttackError> {
    let failed = |source: HeadError| mtnet_model::ModelError::Head {
        task: task.spec.name.to_string(),
        source,
    };
    let metrics = task.head.metrics(answers, targets).map_err(failed)?;
    Ok(metrics
        .main()
        .map(|metric| (metric.name.to_string(), metric.value)))
}

fn mean(values: impl Iterator<Item = f64>) -> Option<f64> {
    let (sum, count) = values.fold((0.0, 0usize), |(sum, count), value| {
        (sum + value, count + 1)
    });
    (count > 0).then(|| sum / count as f64)
}
