//! MetaBalance: auxiliary gradients are brought towards the size of the target task's.
//!
//! He et al., "MetaBalance: Improving Multi-Task Recommendations via Adapting Gradient
//! Magnitudes of Auxiliary Tasks", WWW 2022, algorithm 1. With `n_i` the running average
//! of gradient norms, `w_i = r n_0 / n_i + (1 − r)`, where task 0 is the target, whose
//! weight is 1. The paper does so for each parameter tensor: weigh each with a method of
//! its own. Averages are corrected for their start at 0. A step without the target, or
//! before the target was ever seen, leaves gradients as they are; so does a task whose
//! gradients were all 0.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::GramianWeighting;
use super::contract::present_tasks;
use crate::position::task_position;
use crate::settings::{decay, fraction};
use crate::{BalanceError, BalanceState, Gramian, TaskInfo, TaskLosses, TaskWeights};

const NAME: &str = "meta-balance";

/// Settings of [`MetaBalance`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MetaBalanceConfig {
    /// Name of the target task.
    pub target: String,
    /// How far sizes are brought together: 0 not at all, 1 fully. Default 0.7.
    #[serde(default = "default_relax")]
    pub relax: f64,
    /// Decay of the average of the norms, per step of the task. Default 0.9.
    #[serde(default = "default_decay")]
    pub decay: f64,
}

fn default_relax() -> f64 {
    0.7
}

fn default_decay() -> f64 {
    0.9
}

/// Weights that bring norms towards that of a target task.
#[derive(Clone, Debug, PartialEq)]
pub struct MetaBalance {
    target: usize,
    relax: f64,
    decay: f64,
    norms: Vec<f64>,
    counts: Vec<u64>,
}

impl MetaBalance {
    /// For these tasks.
    ///
    /// # Errors
    /// [`BalanceError::Setting`] or [`BalanceError::UnknownTask`].
    pub fn new(config: &MetaBalanceConfig, tasks: &[TaskInfo]) -> Result<Self, BalanceError> {
        Ok(Self {
            target: task_position(tasks, &config.target, "balance.target")?,
            relax: fraction(NAME, "relax", config.relax)?,
            decay: decay(NAME, "decay", config.decay)?,
            norms: vec![0.0; tasks.len()],
            counts: vec![0; tasks.len()],
        })
    }

    fn average(&self, task: usize) -> f64 {
        if self.counts[task] == 0 {
            return 0.0;
        }
        self.norms[task] / (1.0 - self.decay.powf(self.counts[task] as f64))
    }
}

impl GramianWeighting for MetaBalance {
    fn name(&self) -> &'static str {
        NAME
    }

    fn weigh(
        &mut self,
        gramian: &Gramian,
        losses: &TaskLosses,
    ) -> Result<TaskWeights, BalanceError> {
        losses.check_count(self.norms.len())?;
        let present = present_tasks(gramian, losses)?;
        for (&task, norm) in present.iter().zip(gramian.norms()) {
            self.norms[task] = self.decay * self.norms[task] + (1.0 - self.decay) * norm;
            self.counts[task] += 1;
        }
        let target = self.average(self.target);
        let weight = |task: usize| {
            let ratio = target / self.average(task);
            if target > 0.0 && ratio.is_finite() {
                self.relax * ratio + (1.0 - self.relax)
            } else {
                1.0
            }
        };
        TaskWeights::linear(NAME, losses, |task, _| weight(task))
    }

    fn state(&self) -> BalanceState {
        BalanceState::new(NAME)
            .with_vector("norms", self.norms.clone())
            .with_counters("counts", self.counts.clone())
    }

    fn restore(&mut self, mut state: BalanceState) -> Result<(), BalanceError> {
        state.check_method(NAME)?;
        let norms = state.take_vector(NAME, "norms", self.norms.len())?;
        self.counts = state.take_counters(NAME, "counts", self.counts.len())?;
        self.norms = norms;
        Ok(())
    }
}
