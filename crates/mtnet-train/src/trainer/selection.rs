//! The one number that models are selected by, early stopping, and the target.

use std::collections::BTreeMap;

use mtnet_core::TaskName;

use super::TrainError;

/// Metrics of each task by name.
pub type SplitMetrics = BTreeMap<TaskName, BTreeMap<String, f64>>;

/// Which number of an evaluation models are selected by.
#[derive(Clone, Debug, PartialEq)]
pub struct Selection {
    /// Task and metric of each number that the mean is taken over. Higher is better for all.
    parts: Vec<(TaskName, String)>,
    lower_is_better: Vec<bool>,
}

/// A metric of a task and whether a lower value is the better one.
#[derive(Clone, Debug, PartialEq)]
pub struct MainMetric {
    /// The task.
    pub task: TaskName,
    /// Name of the metric.
    pub metric: String,
    /// Direction.
    pub lower_is_better: bool,
}

impl Selection {
    /// Reads `mean`, `<task>` or `<task>.<metric>`; `main` is each task's own metric, and
    /// `lower_is_better` knows the direction of any other.
    ///
    /// # Errors
    /// If it names a task that there is not.
    pub fn new(
        written: &str,
        main: &[MainMetric],
        lower_is_better: impl Fn(&str) -> bool,
    ) -> Result<Self, TrainError> {
        if written == "mean" {
            let parts = main
                .iter()
                .map(|main| (main.task.clone(), main.metric.clone()))
                .collect();
            return Ok(Self {
                parts,
                lower_is_better: main.iter().map(|main| main.lower_is_better).collect(),
            });
        }
        let (task, metric) = written.split_once('.').unwrap_or((written, ""));
        let Some(main) = main.iter().find(|main| main.task.as_str() == task) else {
            return Err(TrainError::SelectionTask {
                found: written.to_owned(),
                known: main
                    .iter()
                    .map(|main| main.task.as_str())
                    .collect::<Vec<_>>()
                    .join(", "),
            });
        };
        let metric = if metric.is_empty() {
            main.metric.clone()
        } else {
            metric.to_owned()
        };
        let lower = if metric == main.metric {
            main.lower_is_better
        } else {
            lower_is_better(&metric)
        };
        Ok(Self {
            parts: vec![(main.task.clone(), metric)],
            lower_is_better: vec![lower],
        })
    }

    /// The mean of its numbers, negative for those where lower is better; an undefined number
    /// counts as 0.
    ///
    /// # Errors
    /// If a task or metric is missing from the evaluation.
    pub fn score(&self, metrics: &SplitMetrics) -> Result<f64, TrainError> {
        let mut sum = 0.0;
        for ((task, metric), &lower) in self.parts.iter().zip(&self.lower_is_better) {
            let values = metrics
                .get(task)
                .ok_or_else(|| TrainError::NoDevelopmentData { task: task.clone() })?;
            let value = *values
                .get(metric)
                .ok_or_else(|| TrainError::SelectionMetric {
                    task: task.clone(),
                    found: metric.clone(),
                    known: values.keys().cloned().collect::<Vec<_>>().join(", "),
                })?;
            let value = if value.is_finite() { value } else { 0.0 };
            sum += if lower { -value } else { value };
        }
        Ok(sum / self.parts.len() as f64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn main() -> Vec<MainMetric> {
        let of = |task: &str, metric: &str, lower_is_better| MainMetric {
            task: TaskName::new(task).unwrap(),
            metric: metric.to_owned(),
            lower_is_better,
        };
        vec![of("a", "accuracy", false), of("b", "rmse", true)]
    }

    fn metrics() -> SplitMetrics {
        let of = |values: &[(&str, f64)]| {
            values
                .iter()
                .map(|&(name, value)| (name.to_owned(), value))
                .collect()
        };
        BTreeMap::from([
            (
                TaskName::new("a").unwrap(),
                of(&[("accuracy", 0.8), ("macro_f1", 0.5)]),
            ),
            (
                TaskName::new("b").unwrap(),
                of(&[("rmse", 0.2), ("pearson", f64::NAN)]),
            ),
        ])
    }

    #[test]
    fn mean_task_and_metric_select_what_they_name() {
        let score = |written: &str| {
            Selection::new(written, &main(), |metric| metric == "rmse")
                .and_then(|s| s.score(&metrics()))
        };
        assert!((score("mean").unwrap() - 0.3).abs() < 1e-12);
        assert_eq!(score("b").unwrap(), -0.2);
        assert_eq!(score("a.macro_f1").unwrap(), 0.5);
        assert_eq!(score("b.pearson").unwrap(), 0.0);
        assert!(score("c").unwrap_err().to_string().contains("`c`"));
        let message = score("a.bleu").unwrap_err().to_string();
        assert!(
            message.contains("bleu") && message.contains("accuracy, macro_f1"),
            "{message}"
        );
    }
}
