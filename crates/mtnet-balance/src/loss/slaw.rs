//! SLAW, scaled loss approximate weighting: `w_i = k (1/s_i) / Σ (1/s_j)`, `s_i` the spread of the loss.
//!
//! Crawshaw and Košecká, "SLAW: Scaled Loss Approximate Weighting for Efficient
//! Multi-Task Learning", 2021, algorithm 1 (<https://arxiv.org/abs/2109.08218>).
//! The standard deviation of a loss over steps, `s² = EMA(L²) − EMA(L)²`, stands in
//! for the norm of its gradient. The averages are corrected for their start at 0. A
//! task seen fewer than twice has no spread; until every task of the step has one,
//! the weights are 1. Written from the paper; no reference implementation was at hand.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::LossWeighting;
use crate::settings::decay;
use crate::{BalanceError, BalanceState, TaskLosses, TaskWeights};

const NAME: &str = "slaw";

/// The least spread, relative to the mean loss and absolute: a loss that stands still
/// must not take all the weight.
const RELATIVE_FLOOR: f64 = 1e-4;
const ABSOLUTE_FLOOR: f64 = 1e-8;

/// Settings of [`SlawWeighting`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct SlawConfig {
    /// Decay of both averages, per step in which the task is present. Default 0.99.
    pub decay: f64,
}

impl Default for SlawConfig {
    fn default() -> Self {
        Self { decay: 0.99 }
    }
}

/// Weights inverse to the spread of each loss over steps.
#[derive(Clone, Debug, PartialEq)]
pub struct SlawWeighting {
    decay: f64,
    means: Vec<f64>,
    squares: Vec<f64>,
    counts: Vec<u64>,
}

impl SlawWeighting {
    /// For `tasks` tasks without any history.
    ///
    /// # Errors
    /// [`BalanceError::Setting`] if the decay is not in `0..1`.
    pub fn new(config: &SlawConfig, tasks: usize) -> Result<Self, BalanceError> {
        Ok(Self {
            decay: decay(NAME, "decay", config.decay)?,
            means: vec![0.0; tasks],
            squares: vec![0.0; tasks],
            counts: vec![0; tasks],
        })
    }

    fn note(&mut self, task: usize, loss: f64) {
        let kept = self.decay;
        self.means[task] = kept * self.means[task] + (1.0 - kept) * loss;
        self.squares[task] = kept * self.squares[task] + (1.0 - kept) * loss * loss;
        self.counts[task] += 1;
    }

    fn spread(&self, task: usize) -> f64 {
        let correction = 1.0 - self.decay.powf(self.counts[task] as f64);
        let mean = self.means[task] / correction;
        let variance = (self.squares[task] / correction - mean * mean).max(0.0);
        variance
            .sqrt()
            .max(RELATIVE_FLOOR * mean.abs())
            .max(ABSOLUTE_FLOOR)
    }
}

impl LossWeighting for SlawWeighting {
    fn name(&self) -> &'static str {
        NAME
    }

    fn weigh(&mut self, losses: &TaskLosses) -> Result<TaskWeights, BalanceError> {
        losses.check_count(self.means.len())?;
        for (task, loss) in losses.present() {
            self.note(task, loss);
        }
        if losses.present().any(|(task, _)| self.counts[task] < 2) {
            return TaskWeights::linear(NAME, losses, |_, _| 1.0);
        }
        let inverse: Vec<f64> = losses
            .present()
            .map(|(task, _)| self.spread(task).recip())
            .collect();
        let scale = inverse.len() as f64 / inverse.iter().sum::<f64>();
        let weights: Vec<f64> = inverse.iter().map(|value| scale * value).collect();
        TaskWeights::of_present(NAME, losses, &weights)
    }

    fn state(&self) -> BalanceState {
        BalanceState::new(NAME)
            .with_vector("means", self.means.clone())
            .with_vector("squares", self.squares.clone())
            .with_counters("counts", self.counts.clone())
    }

    fn restore(&mut self, mut state: BalanceState) -> Result<(), BalanceError> {
        state.check_method(NAME)?;
        let tasks = self.means.len();
        let means = state.take_vector(NAME, "means", tasks)?;
        let squares = state.take_vector(NAME, "squares", tasks)?;
        self.counts = state.take_counters(NAME, "counts", tasks)?;
        self.means = means;
        self.squares = squares;
        Ok(())
    }
}
