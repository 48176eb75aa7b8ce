//! STCH on normalised log losses, as its authors train networks.
//!
//! Lin et al., ICML 2024, appendix on multi-task learning: `q_i = ln(L_i / n_i + ε)`
//! with the nadir `n_i` the mean loss of the epoch that ends the warm-up, and
//! `total = k μ ln Σ exp(q_i / μ)` over the `k` present tasks. Until then the step
//! minimises `Σ ln(L_i + ε)`. The authors' code and LibMTL subtract `max q` from
//! every `q` without gradient, which shifts the total and leaves the weights as they
//! are here. A task without a loss in the nadir's epoch takes its next loss as nadir.
//!
//! A run of fewer epochs than the warm-up never leaves it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::LossWeighting;
use crate::numeric::{log_sum_exp, softmax};
use crate::settings::positive;
use crate::{BalanceError, BalanceState, TaskLosses, TaskWeights};

const NAME: &str = "stch-log";
const EPSILON: f64 = 1e-20;

/// Settings of [`StchLogWeighting`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct StchLogConfig {
    /// Smoothing `μ`. Default 1.
    pub mu: f64,
    /// The epoch (from 0) whose mean losses are the nadir; the method proper starts in
    /// the one after. Default 4.
    pub warmup_epochs: u64,
}

impl Default for StchLogConfig {
    fn default() -> Self {
        Self {
            mu: 1.0,
            warmup_epochs: 4,
        }
    }
}

/// A smooth maximum of the log losses relative to an early epoch.
#[derive(Clone, Debug, PartialEq)]
pub struct StchLogWeighting {
    mu: f64,
    warmup_epochs: u64,
    nadir_sums: Vec<f64>,
    nadir_counts: Vec<u64>,
}

impl StchLogWeighting {
    /// For `tasks` tasks before their warm-up.
    ///
    /// # Errors
    /// [`BalanceError::Setting`] if `mu` is not above 0.
    pub fn new(config: &StchLogConfig, tasks: usize) -> Result<Self, BalanceError> {
        Ok(Self {
            mu: positive(NAME, "mu", config.mu)?,
            warmup_epochs: config.warmup_epochs,
            nadir_sums: vec![0.0; tasks],
            nadir_counts: vec![0; tasks],
        })
    }

    /// The nadir of a task: the mean of what was noted for it so far.
    pub fn nadir(&self, task: usize) -> Option<f64> {
        let count = *self.nadir_counts.get(task)?;
        (count > 0).then(|| self.nadir_sums[task] / count as f64)
    }

    fn note(&mut self, task: usize, loss: f64) {
        self.nadir_sums[task] += loss;
        self.nadir_counts[task] += 1;
    }

    fn warm_up(&mut self, losses: &TaskLosses) -> Result<TaskWeights, BalanceError> {
        let shifted: Vec<f64> = losses.present().map(|(_, loss)| loss + EPSILON).collect();
        let weights: Vec<f64> = shifted.iter().map(|loss| loss.recip()).collect();
        let total = shifted.iter().map(|loss| loss.ln()).sum();
        if losses.epoch() == self.warmup_epochs {
            for (task, loss) in losses.present() {
                self.note(task, loss);
            }
        }
        TaskWeights::of_present_with_total(NAME, losses, &weights, total)
    }
}

impl LossWeighting for StchLogWeighting {
    fn name(&self) -> &'static str {
        NAME
    }

    fn weigh(&mut self, losses: &TaskLosses) -> Result<TaskWeights, BalanceError> {
        losses.check_count(self.nadir_sums.len())?;
        losses.check_above(NAME, 0.0)?;
        if losses.epoch() <= self.warmup_epochs || losses.present_count() == 0 {
            return self.warm_up(losses);
        }
        let mut scores = Vec::new();
        let mut slopes = Vec::new();
        for (task, loss) in losses.present() {
            let nadir = match self.nadir(task) {
                Some(nadir) => nadir,
                None => {
                    self.note(task, loss);
                    loss
                }
            };
            let relative = loss / nadir + EPSILON;
            scores.push(relative.ln() / self.mu);
            slopes.push(1.0 / (nadir * relative));
        }
        let count = scores.len() as f64;
        let weights: Vec<f64> = softmax(&scores)
            .iter()
            .zip(&slopes)
            .map(|(share, slope)| count * share * slope)
            .collect();
        let total = count * self.mu * log_sum_exp(&scores);
        TaskWeights::of_present_with_total(NAME, losses, &weights, total)
    }

    fn state(&self) -> BalanceState {
        BalanceState::new(NAME)
            .with_vector("nadir_sums", self.nadir_sums.clone())
            .with_counters("nadir_counts", self.nadir_counts.clone())
    }

    fn restore(&mut self, mut state: BalanceState) -> Result<(), BalanceError> {
        state.check_method(NAME)?;
        let tasks = self.nadir_sums.len();
        let sums = state.take_vector(NAME, "nadir_sums", tasks)?;
        self.nadir_counts = state.take_counters(NAME, "nadir_counts", tasks)?;
        self.nadir_sums = sums;
        Ok(())
    }
}
