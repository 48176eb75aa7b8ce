//! What a data set is like: label counts, and quantiles of lengths.

use std::collections::BTreeMap;

use mtnet_core::{Example, RawTarget, TaskName};
use serde::Serialize;

use crate::reading::NO_TAG;

/// Targets of one task in one split.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct TargetStats {
    /// Examples with a target.
    pub labelled: usize,
    /// Examples without one.
    pub missing: usize,
    /// Of multi-label targets: those that hold no label at all; of questions: those that their
    /// text does not answer.
    pub without_labels: usize,
    /// How often each label occurs; words for tags, examples otherwise.
    pub labels: BTreeMap<String, usize>,
    /// Ranges of the numbers, one for each column.
    pub numbers: Vec<NumberStats>,
}

/// Range and moments of a regression target.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct NumberStats {
    /// How many there are.
    pub count: usize,
    /// The smallest.
    pub min: f64,
    /// The largest.
    pub max: f64,
    /// Arithmetic mean.
    pub mean: f64,
    /// Standard deviation of the population.
    pub deviation: f64,
}

impl TargetStats {
    /// Counts the targets of a task.
    pub fn of(examples: &[Example], task: &TaskName) -> Self {
        let mut stats = Self::default();
        let mut columns: Vec<Vec<f64>> = Vec::new();
        for example in examples {
            let Some(target) = example.targets.get(task) else {
                stats.missing += 1;
                continue;
            };
            stats.labelled += 1;
            match target {
                RawTarget::Label(label) => stats.count(label),
                RawTarget::Labels(labels) => {
                    stats.without_labels += usize::from(labels.is_empty());
                    labels.iter().for_each(|label| stats.count(label));
                }
                RawTarget::Tags(tags) => tags
                    .iter()
                    .filter(|tag| *tag != NO_TAG)
                    .for_each(|tag| stats.count(tag)),
                RawTarget::Numbers(numbers) => {
                    columns.resize(columns.len().max(numbers.len()), Vec::new());
                    for (column, &number) in columns.iter_mut().zip(numbers) {
                        column.extend((!number.is_nan()).then_some(number));
                    }
                }
                RawTarget::Spans(answers) => {
                    stats.without_labels += usize::from(answers.is_empty());
                }
                _ => {}
            }
        }
        stats.numbers = columns
            .iter()
            .filter_map(|all| NumberStats::of(all))
            .collect();
        stats
    }

    /// Share of the labelled examples (or words) that the most frequent label makes: the accuracy
    /// of always answering it. `None` without labels.
    pub fn majority_share(&self) -> Option<f64> {
        let total: usize = self.labels.values().sum();
        let most = self.labels.values().max()?;
        Some(*most as f64 / total as f64)
    }

    fn count(&mut self, label: &str) {
        match self.labels.get_mut(label) {
            Some(count) => *count += 1,
            None => {
                self.labels.insert(label.to_owned(), 1);
            }
        }
    }
}

impl NumberStats {
    /// `None` of no number.
    fn of(numbers: &[f64]) -> Option<Self> {
        if numbers.is_empty() {
            return None;
        }
        let count = numbers.len() as f64;
        let mean = numbers.iter().sum::<f64>() / count;
        let variance = numbers.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / count;
        Some(Self {
            count: numbers.len(),
            min: numbers.iter().copied().fold(f64::INFINITY, f64::min),
            max: numbers.iter().copied().fold(f64::NEG_INFINITY, f64::max),
            mean,
            deviation: variance.sqrt(),
        })
    }
}

/// Quantiles of lengths, by nearest rank: at least that share of them is no longer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct LengthStats {
    /// How many lengths there are.
    pub count: usize,
    /// Their sum.
    pub total: usize,
    /// Their arithmetic mean, 0 of none.
    pub mean: f64,
    /// The shortest.
    pub min: usize,
    /// Half are no longer.
    pub median: usize,
    /// 90 of 100 are no longer.
    pub p90: usize,
    /// 99 of 100 are no longer.
    pub p99: usize,
    /// The longest.
    pub max: usize,
}

impl LengthStats {
    /// The quantiles of lengths in any order; all 0 of none.
    pub fn of(lengths: impl IntoIterator<Item = usize>) -> Self {
        let mut lengths: Vec<usize> = lengths.into_iter().collect();
        lengths.sort_unstable();
        let Some(&max) = lengths.last() else {
            return Self::default();
        };
        let count = lengths.len();
        let total = lengths.iter().sum();
        let percentile = |percent: usize| lengths[(percent * count).div_ceil(100) - 1];
        Self {
            count,
            total,
            mean: total as f64 / count as f64,
            min: lengths[0],
            median: percentile(50),
            p90: percentile(90),
            p99: percentile(99),
            max,
        }
    }
}
