//! Steps and scores in one line.

use std::collections::BTreeMap;

use mtnet::core::TaskName;
use mtnet::metrics::MetricKind;
use mtnet::train::events::{EvaluationEvent, StepEvent};

use super::super::format::{grouped, score};

/// What stands for a task that the run file names no metric for, in order of preference.
const USUAL: [MetricKind; 5] = [
    MetricKind::EntityF1,
    MetricKind::Accuracy,
    MetricKind::MicroF1,
    MetricKind::Spearman,
    MetricKind::Loss,
];

/// Puts events into words.
#[derive(Clone, Debug, Default)]
pub struct Words {
    /// Metrics that the run file names, by task.
    pub metrics: BTreeMap<TaskName, String>,
}

impl Words {
    /// `epoch 1.25  loss 0.5312  12,345 tokens/s`.
    pub fn step(&self, event: &StepEvent) -> String {
        format!(
            "epoch {:.2}  loss {:.4}  {} tokens/s",
            event.epoch,
            event.loss,
            grouped(event.tokens_per_second.max(0.0) as u64)
        )
    }

    /// `dev  epoch 2.00  intent accuracy 0.9123  slots entity_f1 0.7012  selection 0.8067 (best)`.
    pub fn evaluation(&self, event: &EvaluationEvent) -> String {
        let mut line = format!("{}  epoch {:.2}", event.split, event.epoch);
        for (task, metrics) in &event.metrics {
            if let Some((name, value)) = self.metric(task, metrics) {
                line.push_str(&format!("  {task} {name} {}", score(Some(value))));
            }
        }
        if let Some(selection) = event.selection {
            let best = if event.is_best { " (best)" } else { "" };
            line.push_str(&format!("  selection {}{best}", score(Some(selection))));
        }
        line
    }

    fn metric<'a>(
        &'a self,
        task: &TaskName,
        metrics: &BTreeMap<String, f64>,
    ) -> Option<(&'a str, f64)> {
        let named = self.metrics.get(task).map(String::as_str);
        let mut names = named.into_iter().chain(USUAL.map(MetricKind::name));
        names.find_map(|name| Some((name, *metrics.get(name)?)))
    }
}

#[cfg(test)]
pub(super) mod tests {
    use mtnet::core::Split;

    use super::*;

    pub fn step(number: u64) -> StepEvent {
        StepEvent {
            step: number,
            epoch: 1.25,
            loss: 0.53125,
            task_losses: BTreeMap::new(),
            task_weights: BTreeMap::new(),
            learning_rate: 1e-3,
            grad_norm: 1.0,
            tokens: 512,
            tokens_per_second: 12_345.6,
            seconds: 2.0,
        }
    }

    pub fn evaluation() -> EvaluationEvent {
        let metrics = |pairs: &[(&str, f64)]| {
            pairs
                .iter()
                .map(|&(name, value)| (name.to_owned(), value))
                .collect::<BTreeMap<_, _>>()
        };
        EvaluationEvent {
            step: 40,
            epoch: 2.0,
            split: Split::Dev,
            metrics: BTreeMap::from([
                (
                    TaskName::new("intent").unwrap(),
                    metrics(&[("accuracy", 0.91234), ("macro_f1", 0.5), ("loss", 1.0)]),
                ),
                (
                    TaskName::new("slots").unwrap(),
                    metrics(&[("entity_f1", f64::NAN), ("token_accuracy", 0.9)]),
                ),
            ]),
            selection: Some(0.8067),
            is_best: true,
            seconds: 0.5,
        }
    }

    #[test]
    fn events_are_one_line_each() {
        let words = Words::default();
        assert_eq!(
            words.step(&step(20)),
            "epoch 1.25  loss 0.5312  12,345 tokens/s"
        );
        assert_eq!(
            words.evaluation(&evaluation()),
            "dev  epoch 2.00  intent accuracy 0.9123  slots entity_f1 undefined  selection 0.8067 (best)"
        );
        let named = Words {
            metrics: BTreeMap::from([(TaskName::new("intent").unwrap(), "macro_f1".to_owned())]),
        };
        assert!(
            named
                .evaluation(&evaluation())
                .contains("intent macro_f1 0.5000")
        );
    }
}
