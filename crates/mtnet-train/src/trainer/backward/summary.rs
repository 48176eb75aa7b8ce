//! Sums over looks at gradients, from which the means by name are made.

use std::collections::BTreeMap;

use mtnet_core::TaskName;
use serde::{Deserialize, Serialize};

use super::diagnostics::Sample;
use crate::events::{BalanceSummary, PairGradientStats, TaskGradientStats};

/// What the means are made of.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Sums {
    samples: u64,
    tasks: Vec<TaskSums>,
    /// `(tasks, tasks)`, filled above the diagonal.
    pairs: Vec<PairSums>,
    layers: BTreeMap<String, Vec<PairSums>>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct TaskSums {
    samples: u64,
    norm: f64,
    weighted: u64,
    weight: f64,
    share: f64,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct PairSums {
    samples: u64,
    cosine: f64,
    conflicts: u64,
}

impl Sums {
    pub fn new(tasks: usize) -> Self {
        Self {
            tasks: vec![TaskSums::default(); tasks],
            pairs: vec![PairSums::default(); tasks * tasks],
            ..Self::default()
        }
    }

    pub fn fits(&self, tasks: usize) -> bool {
        self.tasks.len() == tasks && self.pairs.len() == tasks * tasks
    }

    pub fn take(&mut self, sample: &Sample<'_>) {
        let count = sample.tasks.len();
        let product = |i: usize, j: usize| sample.products[i * count + j];
        self.samples += 1;
        for (row, &task) in sample.tasks.iter().enumerate() {
            let sums = &mut self.tasks[task];
            sums.samples += 1;
            sums.norm += product(row, row).max(0.0).sqrt();
        }
        if let Some(weights) = sample.weights.filter(|weights| weights.len() == count) {
            let pulls: Vec<f64> = (0..count)
                .map(|i| weights[i] * (0..count).map(|j| weights[j] * product(i, j)).sum::<f64>())
                .collect();
            let total: f64 = pulls.iter().sum();
            for (row, &task) in sample.tasks.iter().enumerate() {
                let sums = &mut self.tasks[task];
                sums.weighted += 1;
                sums.weight += weights[row];
                sums.share += if total > 0.0 { pulls[row] / total } else { 0.0 };
            }
        }
        add_pairs(&mut self.pairs, self.tasks.len(), sample);
    }

    pub fn take_layer(&mut self, layer: &str, sample: &Sample<'_>) {
        let tasks = self.tasks.len();
        let pairs = self.layers.entry(layer.to_owned());
        let pairs = pairs.or_insert_with(|| vec![PairSums::default(); tasks * tasks]);
        add_pairs(pairs, tasks, sample);
    }

    pub fn summary(&self, names: &[TaskName]) -> Option<BalanceSummary> {
        let tasks = names.iter().zip(&self.tasks);
        let tasks = tasks
            .filter(|(_, sums)| sums.samples > 0)
            .map(|(name, sums)| {
                let mean = |sum: f64| (sums.weighted > 0).then(|| sum / sums.weighted as f64);
                let stats = TaskGradientStats {
                    samples: sums.samples,
                    gradient_norm: sums.norm / sums.samples as f64,
                    weight: mean(sums.weight),
                    share: mean(sums.share),
                };
                (name.clone(), stats)
            });
        (self.samples > 0).then(|| BalanceSummary {
            samples: self.samples,
            tasks: tasks.collect(),
            pairs: pair_stats(&self.pairs, names),
            layers: self
                .layers
                .iter()
                .map(|(layer, pairs)| (layer.clone(), pair_stats(pairs, names)))
                .collect(),
        })
    }
}

fn add_pairs(pairs: &mut [PairSums], tasks: usize, sample: &Sample<'_>) {
    let count = sample.tasks.len();
    for i in 0..count {
        for j in i + 1..count {
            let product = |i: usize, j: usize| sample.products[i * count + j];
            let scale = (product(i, i) * product(j, j)).sqrt();
            if scale > 0.0 {
                let cosine = (product(i, j) / scale).clamp(-1.0, 1.0);
                let sums = &mut pairs[sample.tasks[i] * tasks + sample.tasks[j]];
                sums.samples += 1;
                sums.cosine += cosine;
                sums.conflicts += u64::from(cosine < 0.0);
            }
        }
    }
}

fn pair_stats(pairs: &[PairSums], names: &[TaskName]) -> Vec<PairGradientStats> {
    let pairs = pairs
        .iter()
        .enumerate()
        .filter(|(_, sums)| sums.samples > 0);
    pairs
        .map(|(index, sums)| PairGradientStats {
            tasks: [index / names.len(), index % names.len()].map(|task| names[task].clone()),
            samples: sums.samples,
            cosine: sums.cosine / sums.samples as f64,
            conflict_rate: sums.conflicts as f64 / sums.samples as f64,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_sum_to_one_and_opposed_pairs_count() {
        let names: Vec<TaskName> = ["a", "b", "c"]
            .map(|name| TaskName::new(name).expect("a name"))
            .to_vec();
        let mut sums = Sums::new(3);
        // Gradients (2, 0) of `a` and (-1, 1) of `c`; `b` is absent.
        sums.take(&Sample {
            tasks: &[0, 2],
            products: &[4.0, -2.0, -2.0, 2.0],
            weights: Some(&[1.0, 0.5]),
        });
        let summary = sums.summary(&names).expect("one look");
        assert_eq!(summary.tasks.len(), 2);
        let share = |task: usize| summary.tasks[&names[task]].share.expect("a share");
        // d = (1.5, 0.5): ⟨2·e1, d⟩ = 3 and ½⟨(-1, 1), d⟩ = -½ of ‖d‖² = 2.5.
        assert!((share(0) - 3.0 / 2.5).abs() < 1e-12);
        assert!((share(0) + share(2) - 1.0).abs() < 1e-12);
        assert_eq!(summary.pairs.len(), 1);
        assert_eq!(summary.pairs[0].tasks, [names[0].clone(), names[2].clone()]);
        assert_eq!(summary.pairs[0].conflict_rate, 1.0);
        assert!((summary.pairs[0].cosine + 0.5f64.sqrt()).abs() < 1e-12);
        assert!(Sums::new(3).summary(&names).is_none());
    }
}
