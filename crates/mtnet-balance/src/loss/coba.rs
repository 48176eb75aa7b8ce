//! CoBa, convergence balancer: weights from the slopes of the validation losses.
//!
//! Gong et al., "CoBa: Convergence Balancer for Multitask Finetuning of Large
//! Language Models", EMNLP 2024, §3 (<https://arxiv.org/abs/2410.06741>). Validation
//! losses, each relative to the task's first, are told by
//! [`observe`](LossWeighting::observe). `α_i` is the slope of a line fitted to the
//! last `history` of them. Then, with `N` tasks and `n` slopes kept,
//!
//! - relative convergence: `RCS = softmax_i(N α_i / Σ_j |α_j|)`,
//! - absolute convergence: `ACS = softmax_i(−n α_i / Σ_t |α_i(t)|)`,
//! - divergence factor: `DF = min(1, n softmax_t(−τ n α_max(t) / Σ_t |α_max(t)|))` at the
//!   last `t`, of the largest relative loss,
//! - `w = softmax(N (DF RCS + (1 − DF) ACS))`, at least `1 / (10 N)`.
//!
//! The authors' code leaves out the minimum with 1 in `DF`, which the paper has.
//! Until `warmup` observations the weights are `1 / N`.

use std::collections::VecDeque;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::LossWeighting;
use crate::numeric::softmax;
use crate::settings::{at_least, positive};
use crate::{BalanceError, BalanceState, Observation, ObservationKind, TaskLosses, TaskWeights};

const NAME: &str = "coba";

/// Settings of [`CobaWeighting`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct CobaConfig {
    /// Observations of validation losses before the weights leave `1 / N`. Default 100.
    pub warmup: u64,
    /// Observations that a slope is fitted to, and slopes that are kept. Default 200.
    pub history: u64,
    /// Temperature `τ` of the divergence factor. Default 5.
    pub tau: f64,
}

impl Default for CobaConfig {
    fn default() -> Self {
        Self {
            warmup: 100,
            history: 200,
            tau: 5.0,
        }
    }
}

/// Weights from the convergence of the validation losses.
#[derive(Clone, Debug, PartialEq)]
pub struct CobaWeighting {
    config: CobaConfig,
    observed: u64,
    first: Vec<f64>,
    /// Relative validation losses of the last observations, each with all tasks.
    ratios: VecDeque<Vec<f64>>,
    /// Slopes after the last observations: one a task, then that of the largest ratio.
    slopes: VecDeque<Vec<f64>>,
    weights: Vec<f64>,
}

impl CobaWeighting {
    /// For `tasks` tasks without any history.
    ///
    /// # Errors
    /// [`BalanceError::Setting`] if `tau` is not above 0 or the history below 2.
    pub fn new(config: &CobaConfig, tasks: usize) -> Result<Self, BalanceError> {
        positive(NAME, "tau", config.tau)?;
        at_least(NAME, "history", config.history, 2)?;
        at_least(NAME, "warmup", config.warmup, 2)?;
        Ok(Self {
            config: config.clone(),
            observed: 0,
            first: vec![f64::NAN; tasks],
            ratios: VecDeque::new(),
            slopes: VecDeque::new(),
            weights: vec![1.0 / tasks as f64; tasks],
        })
    }

    fn keep(history: u64, rows: &mut VecDeque<Vec<f64>>, row: Vec<f64>) {
        rows.push_back(row);
        while rows.len() as u64 > history {
            rows.pop_front();
        }
    }

    /// The weights from the kept slopes.
    fn reweigh(&mut self) {
        let tasks = self.first.len();
        let count = self.slopes.len() as f64;
        let Some(last) = self.slopes.back() else {
            return;
        };
        let size: f64 = last[..tasks].iter().map(|slope| slope.abs()).sum();
        let relative: Vec<f64> = last[..tasks]
            .iter()
            .map(|slope| tasks as f64 * safe_ratio(*slope, size))
            .collect();
        let sizes: Vec<f64> = (0..=tasks)
            .map(|column| self.slopes.iter().map(|row| row[column].abs()).sum())
            .collect();
        let absolute: Vec<f64> = (0..tasks)
            .map(|task| -count * safe_ratio(last[task], sizes[task]))
            .collect();
        let course: Vec<f64> = self
            .slopes
            .iter()
            .map(|row| -self.config.tau * count * safe_ratio(row[tasks], sizes[tasks]))
            .collect();
        let divergence = (count * softmax(&course)[self.slopes.len() - 1]).min(1.0);
        let logits: Vec<f64> = softmax(&relative)
            .iter()
            .zip(softmax(&absolute))
            .map(|(rcs, acs)| tasks as f64 * (divergence * rcs + (1.0 - divergence) * acs))
            .collect();
        let floor = 0.1 / tasks as f64;
        let shares = softmax(&logits);
        // Mixing with equal weights lifts the least weight to the floor or above it.
        let lifted = shares.iter().any(|share| *share < floor);
        self.weights = shares
            .iter()
            .map(|share| if lifted { 0.9 * share + floor } else { *share })
            .collect();
    }
}

/// `value / size`, 0 where nothing moves.
fn safe_ratio(value: f64, size: f64) -> f64 {
    if size > 0.0 { value / size } else { 0.0 }
}

/// Slope of the least-squares line through `(0, y_0), (1, y_1), …`.
fn slope(values: impl ExactSizeIterator<Item = f64>) -> f64 {
    let count = values.len() as f64;
    let center = (count - 1.0) / 2.0;
    let product: f64 = values
        .enumerate()
        .map(|(index, value)| (index as f64 - center) * value)
        .sum();
    safe_ratio(product, count * (count * count - 1.0) / 12.0)
}

impl LossWeighting for CobaWeighting {
    fn name(&self) -> &'static str {
        NAME
    }

    fn weigh(&mut self, losses: &TaskLosses) -> Result<TaskWeights, BalanceError> {
        losses.check_count(self.weights.len())?;
        TaskWeights::linear(NAME, losses, |task, _| self.weights[task])
    }

    fn observes(&self) -> Option<ObservationKind> {
        Some(ObservationKind::ValidationLosses)
    }

    fn observe(&mut self, observation: Observation<'_>) -> Result<(), BalanceError> {
        let Observation::ValidationLosses(losses) = observation else {
            return Ok(());
        };
        losses.check_count(self.first.len())?;
        losses.check_above(NAME, 0.0)?;
        // A task that was not evaluated keeps its last ratio, 1 at the start.
        let mut ratios = match self.ratios.back() {
            Some(ratios) => ratios.clone(),
            None => vec![1.0; self.first.len()],
        };
        for (task, loss) in losses.present() {
            if self.first[task].is_nan() {
                self.first[task] = loss;
            }
            ratios[task] = loss / self.first[task];
        }
        Self::keep(self.config.history, &mut self.ratios, ratios);
        self.observed += 1;
        if self.observed >= self.config.warmup {
            let tasks = self.first.len();
            let mut slopes: Vec<f64> = (0..tasks)
                .map(|task| slope(self.ratios.iter().map(|row| row[task])))
                .collect();
            slopes.push(slope(
                self.ratios.iter().map(|row| crate::numeric::max(row)),
            ));
            Self::keep(self.config.history, &mut self.slopes, slopes);
            self.reweigh();
        }
        Ok(())
    }

    fn state(&self) -> BalanceState {
        BalanceState::new(NAME)
            .with_counters("observed", vec![self.observed])
            .with_vector("first", self.first.clone())
            .with_vector("weights", self.weights.clone())
            .with_vector("ratios", self.ratios.iter().flatten().copied().collect())
            .with_vector("slopes", self.slopes.iter().flatten().copied().collect())
    }

    fn restore(&mut self, mut state: BalanceState) -> Result<(), BalanceError> {
        state.check_method(NAME)?;
        let tasks = self.first.len();
        let observed = state.take_counters(NAME, "observed", 1)?[0];
        let first = state.take_vector(NAME, "first", tasks)?;
        let weights = state.take_vector(NAME, "weights", tasks)?;
        let history = self.config.history;
        let kept = observed.min(history) as usize;
        let reweighed = (observed + 1)
            .saturating_sub(self.config.warmup)
            .min(history) as usize;
        let ratios = state.take_vector(NAME, "ratios", kept * tasks)?;
        let slopes = state.take_vector(NAME, "slopes", reweighed * (tasks + 1))?;
        let rows = |values: Vec<f64>, width| values.chunks(width).map(<[f64]>::to_vec).collect();
        *self = Self {
            config: self.config.clone(),
            observed,
            first,
            ratios: rows(ratios, tasks),
            slopes: rows(slopes, tasks + 1),
            weights,
        };
        Ok(())
    }
}
