//! Krum and Multi-Krum: the mean of the gradients that lie closest to the others.
//!
//! Blanchard et al., "Machine Learning with Adversaries: Byzantine Tolerant Gradient
//! Descent", NeurIPS 2017, §4. The score of a gradient is the sum of its distances to
//! its `m − b − 2` nearest others, with `b` the gradients that may be corrupt; the `k`
//! of least score are averaged. Distances are not squared, as in TorchJD (the paper
//! squares them). Of equal scores the earlier task is taken.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::GramianRule;
use crate::settings::at_least;
use crate::{BalanceError, Gramian};

/// Settings of [`Krum`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct KrumConfig {
    /// Gradients `b` that may be corrupt; every step needs `b + 3` tasks or more.
    pub byzantine: u64,
    /// Gradients `k` that are averaged. Default 1.
    #[serde(default = "one")]
    pub selected: u64,
}

fn one() -> u64 {
    1
}

/// The mean of the most central gradients.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Krum {
    byzantine: usize,
    selected: usize,
}

impl Krum {
    /// With these settings.
    ///
    /// # Errors
    /// [`BalanceError::Setting`] if no gradient is selected.
    pub fn new(config: &KrumConfig) -> Result<Self, BalanceError> {
        at_least(Self::NAME, "selected", config.selected, 1)?;
        Ok(Self {
            byzantine: usize::try_from(config.byzantine).unwrap_or(usize::MAX),
            selected: usize::try_from(config.selected).unwrap_or(usize::MAX),
        })
    }
}

impl GramianRule for Krum {
    const NAME: &'static str = "krum";

    fn weights(&self, gramian: &Gramian, _tasks: &[usize]) -> Result<Vec<f64>, BalanceError> {
        let (gramian, _) = gramian.unit_scale();
        let size = gramian.size();
        let needed = self.byzantine.saturating_add(3).max(self.selected);
        if size < needed {
            return Err(BalanceError::TooFewTasks {
                method: Self::NAME,
                needed,
                found: size,
            });
        }
        let neighbours = size - self.byzantine - 2;
        let scores: Vec<f64> = (0..size)
            .map(|i| {
                let mut distances: Vec<f64> = (0..size)
                    .filter(|&j| j != i)
                    .map(|j| distance(&gramian, i, j))
                    .collect();
                distances.sort_by(f64::total_cmp);
                distances[..neighbours].iter().sum()
            })
            .collect();
        let mut central: Vec<usize> = (0..size).collect();
        central.sort_by(|&a, &b| scores[a].total_cmp(&scores[b]));
        let mut weights = vec![0.0; size];
        for &task in &central[..self.selected] {
            weights[task] = 1.0 / self.selected as f64;
        }
        Ok(weights)
    }
}

fn distance(gramian: &Gramian, i: usize, j: usize) -> f64 {
    let squared = gramian.get(i, i) + gramian.get(j, j) - 2.0 * gramian.get(i, j);
    squared.max(0.0).sqrt()
}
