//! Events as TensorBoard's scalars.
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

use std::path::Path;

use mtnet_report::tensorboard::EventFile;

use super::{BalanceEvent, EvaluationEvent, Event, EventError, EventSink, StepEvent};

/// Writes the numbers of events to an event file.
#[derive(Debug)]
pub struct TensorboardSink {
    file: EventFile,
}

impl TensorboardSink {
    /// Starts a file in `folder`; of a run that goes on, after that many steps.
    ///
    /// # Errors
    /// If the file cannot be made.
    pub fn open(folder: &Path, resumed_after: Option<u64>) -> Result<Self, EventError> {
        let file = match resumed_after {
            None => EventFile::create(folder),
            Some(step) => EventFile::resume(folder, step),
        };
        Ok(Self {
            file: file.map_err(EventError::Report)?,
        })
    }
}

impl EventSink for TensorboardSink {
    fn record(&mut self, event: &Event) -> Result<(), EventError> {
        let scalars = match event {
            Event::Step(step) => of_step(step),
            Event::Evaluation(evaluation) => of_evaluation(evaluation),
            Event::Balance(balance) => of_balance(balance),
            _ => return Ok(()),
        };
        self.file
            .scalars(event.step(), scalars)
            .map_err(EventError::Report)
    }

    fn sync(&mut self) -> Result<(), EventError> {
        self.file.sync().map_err(EventError::Report)
    }
}

type Scalars = Vec<(String, f64)>;

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

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use mtnet_core::{Split, TaskName};

    use super::*;
    use crate::events::{BalanceSummary, PairGradientStats, RunEndReason, TaskGradientStats};

    fn task(name: &str) -> TaskName {
        TaskName::new(name).unwrap()
    }

    #[test]
    fn every_number_has_its_tag() {
        let folder = tempfile::tempdir().unwrap();
        let mut sink = TensorboardSink::open(&folder.path().join("tb"), None).unwrap();
        let stats = TaskGradientStats {
            samples: 1,
            gradient_norm: 0.5,
            weight: Some(2.0),
            share: None,
        };
        let summary = BalanceSummary {
            samples: 1,
            tasks: BTreeMap::from([(task("intent"), stats)]),
            pairs: vec![PairGradientStats {
                tasks: [task("intent"), task("slots")],
                samples: 1,
                cosine: -0.25,
                conflict_rate: 1.0,
            }],
            layers: BTreeMap::new(),
        };
        let metrics = BTreeMap::from([("accuracy".to_owned(), f64::NAN)]);
        let evaluation = EvaluationEvent {
            step: 20,
            epoch: 1.0,
            split: Split::Dev,
            metrics: BTreeMap::from([(task("intent"), metrics)]),
            selection: Some(0.5),
            is_best: true,
            seconds: 0.1,
        };
        for event in [
            Event::from(BalanceEvent { step: 20, summary }),
            Event::from(evaluation),
            Event::run_end(20, RunEndReason::Finished, 1.0),
        ] {
            sink.record(&event).unwrap();
        }
        sink.sync().unwrap();
        let bytes = std::fs::read(sink.file.path()).unwrap();
        let text = String::from_utf8_lossy(&bytes);
        for (tag, is_there) in [
            ("gradient_norm/intent", true),
            ("gradient_weight/intent", true),
            ("gradient_share/intent", false),
            ("gradient_cosine/intent,slots", true),
            ("dev_accuracy/intent", true),
            ("dev_selection/mean", true),
        ] {
            assert_eq!(text.contains(tag), is_there, "{tag}");
        }
    }
}
