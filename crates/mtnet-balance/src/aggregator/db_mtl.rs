//! DB-MTL, dual balancing with averaged gradients.
//!
//! Lin et al., "Dual-Balancing for Multi-Task Learning", 2023, algorithm 1
//! (<https://arxiv.org/abs/2308.12029>). Gradients are those of `ln(L_i + 1e-8)`;
//! `b_i ← g_i + β_t (b_i − g_i)` averages them, with `β_t = β / t^σ` and `t` the steps of
//! the task; each average is brought to the length of the longest and the direction is
//! their sum. LibMTL reports all weights as 1; here the averages have no weights.
//!
//! `β = 0` averages nothing: [`DbMtl`](crate::weighting::DbMtl) then needs the Gramian
//! only and is what a run file gets. Keeps one number a task and parameter.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::buffers::Buffers;
use super::{GradientAggregator, GradientRows};
use crate::numeric::norm;
use crate::settings::{decay, not_negative};
use crate::{BalanceError, BalanceState, TaskLosses, TaskWeights};

const NAME: &str = "db-mtl";
const EPSILON: f64 = 1e-8;

/// Settings of [`AveragedDbMtl`] and [`DbMtl`](crate::weighting::DbMtl).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct DbMtlConfig {
    /// Share `β` of the kept average; 0 for no average. Default 0.9.
    pub beta: f64,
    /// Exponent `σ` by which that share falls with the steps. Default 0.
    pub beta_sigma: f64,
}

impl Default for DbMtlConfig {
    fn default() -> Self {
        Self {
            beta: 0.9,
            beta_sigma: 0.0,
        }
    }
}

impl DbMtlConfig {
    /// Refuses settings out of range.
    ///
    /// # Errors
    /// [`BalanceError::Setting`] if `beta` is not in `0..1` or `beta_sigma` negative.
    pub(crate) fn check(&self) -> Result<(), BalanceError> {
        decay(NAME, "beta", self.beta)?;
        not_negative(NAME, "beta_sigma", self.beta_sigma)?;
        Ok(())
    }
}

/// The sum of averaged log-loss gradients of equal length.
#[derive(Clone, Debug, PartialEq)]
pub struct AveragedDbMtl {
    config: DbMtlConfig,
    averages: Buffers,
    counts: Vec<u64>,
}

impl AveragedDbMtl {
    /// For `tasks` tasks without history.
    ///
    /// # Errors
    /// [`BalanceError::Setting`] if `beta` is not in `0..1` or `beta_sigma` negative.
    pub fn new(config: &DbMtlConfig, tasks: usize) -> Result<Self, BalanceError> {
        config.check()?;
        Ok(Self {
            config: config.clone(),
            averages: Buffers::new(tasks),
            counts: vec![0; tasks],
        })
    }

    fn average(&mut self, gradients: &GradientRows<'_>, tasks: &[usize], losses: &[f64]) {
        let shares: Vec<f64> = tasks
            .iter()
            .map(|&task| {
                self.counts[task] += 1;
                self.config.beta / (self.counts[task] as f64).powf(self.config.beta_sigma)
            })
            .collect();
        gradients.for_each_piece(|start, piece| {
            for (k, (&task, row)) in tasks.iter().zip(piece).enumerate() {
                for (kept, entry) in self.averages.row_from(task, start).iter_mut().zip(row) {
                    let newest = entry / (losses[k] + EPSILON);
                    *kept = newest + shares[k] * (*kept - newest);
                }
            }
        });
    }
}

impl GradientAggregator for AveragedDbMtl {
    fn name(&self) -> &'static str {
        NAME
    }

    fn aggregate(
        &mut self,
        gradients: &GradientRows<'_>,
        losses: &TaskLosses,
        write: &mut dyn FnMut(usize, &[f64]),
    ) -> Result<Option<TaskWeights>, BalanceError> {
        losses.check_count(self.averages.tasks())?;
        losses.check_not_negative(NAME)?;
        let tasks = gradients.tasks(losses)?;
        self.averages.reserve(&tasks, gradients.columns())?;
        self.average(gradients, &tasks, &losses.present_values());
        let lengths: Vec<f64> = tasks
            .iter()
            .map(|&task| norm(self.averages.row(task)))
            .collect();
        let longest = crate::numeric::max(&lengths);
        let mut direction = vec![0.0; gradients.columns()];
        for (&task, length) in tasks.iter().zip(&lengths) {
            let factor = longest / (length + EPSILON);
            for (sum, entry) in direction.iter_mut().zip(self.averages.row(task)) {
                *sum += factor * entry;
            }
        }
        write(0, &direction);
        Ok(None)
    }

    fn keeps_coordinates(&self) -> bool {
        true
    }

    fn state(&self) -> BalanceState {
        let state = BalanceState::new(NAME).with_counters("counts", self.counts.clone());
        self.averages.save("averages", state)
    }

    fn restore(&mut self, mut state: BalanceState) -> Result<(), BalanceError> {
        state.check_method(NAME)?;
        let averages = self.averages.load(NAME, "averages", &mut state)?;
        self.counts = state.take_counters(NAME, "counts", self.counts.len())?;
        self.averages = averages;
        Ok(())
    }
}
