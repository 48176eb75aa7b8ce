//! Events as numbers with a tag and a step, as programs that draw charts take them.
//!
//! | tag | value |
//! |---|---|
//! | `loss/<task>`, `weight/<task>` | of a step |
//! | `train/loss`, `train/learning_rate`, `train/gradient_norm`, `train/tokens_per_second` | of a step |
//! | `dev_<metric>/<task>`, `test_<metric>/<task>` | of an evaluation, `dev_selection/mean` among them |
//! | `gradient_norm/<task>`, `gradient_weight/<task>`, `gradient_share/<task>` | of a look at the gradients |
//! | `gradient_cosine/<task>,<task>` | of a look at the gradients |
//!
//! What stands before the slash is a group of charts, so that all tasks share one.

use super::{BalanceEvent, EvaluationEvent, Event, StepEvent};

pub(super) type Scalars = Vec<(String, f64)>;

/// The numbers of an event; none of one that has no numbers over steps.
pub(super) fn scalars(event: &Event) -> Scalars {
    match event {
        Event::Step(step) => of_step(step),
        Event::Evaluation(evaluation) => of_evaluation(evaluation),
        Event::Balance(balance) => of_balance(balance),
        _ => Scalars::new(),
    }
}

fn of_step(step: &StepEvent) -> Scalars {
    let mut scalars: Scalars = [
        ("loss", step.loss),
        ("learning_rate", step.learning_rate),
        ("gradient_norm", step.grad_norm),
        ("tokens_per_second", step.tokens_per_second),
    ]
    .map(|(name, value)| (format!("train/{name}"), value))
    .to_vec();
    let of =
        |group: &'static str| move |(task, value): (&_, &f64)| (format!("{group}/{task}"), *value);
    scalars.extend(step.task_losses.iter().map(of("loss")));
    scalars.extend(step.task_weights.iter().map(of("weight")));
    scalars
}

fn of_evaluation(evaluation: &EvaluationEvent) -> Scalars {
    let split = evaluation.split.as_str();
    let mut scalars = Scalars::new();
    for (task, metrics) in &evaluation.metrics {
        let metrics = metrics.iter();
        scalars.extend(metrics.map(|(name, value)| (format!("{split}_{name}/{task}"), *value)));
    }
    let selection = evaluation.selection;
    scalars.extend(selection.map(|value| (format!("{split}_selection/mean"), value)));
    scalars
}

fn of_balance(balance: &BalanceEvent) -> Scalars {
    let mut scalars = Scalars::new();
    for (task, stats) in &balance.summary.tasks {
        scalars.push((format!("gradient_norm/{task}"), stats.gradient_norm));
        let weight = stats
            .weight
            .map(|value| (format!("gradient_weight/{task}"), value));
        let share = stats
            .share
            .map(|value| (format!("gradient_share/{task}"), value));
        scalars.extend(weight.into_iter().chain(share));
    }
    scalars.extend(balance.summary.pairs.iter().map(|pair| {
        let [one, other] = &pair.tasks;
        (format!("gradient_cosine/{one},{other}"), pair.cosine)
    }));
    scalars
}
