//! ExcessMTL: weights that grow with the excess risk of each task.
//!
//! He et al., "Robust Multi-Task Learning with Excess Risks", ICML 2024, algorithm 1.
//! `S_i` sums the squared gradients of task `i` over steps; its excess risk is
//! `e_i = Σ_k g_ik² / √(S_ik + 1e-7)`, taken relative to the mean of its first
//! `warmup_steps`; `w_i ← w_i exp(η e_i)`, rescaled to add up to the number of present
//! tasks. During the warm-up weights are 1. With one warm-up step this is the authors'
//! code and LibMTL; TorchJD lets weights add up to 1 and, without warm-up, already
//! updates with the raw excess in the first step. Keeps one number a task and parameter.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::buffers::Buffers;
use super::{GradientAggregator, GradientRows};
use crate::numeric::softmax;
use crate::settings::{at_least, positive};
use crate::{BalanceError, BalanceState, TaskLosses, TaskWeights};

const NAME: &str = "excess-mtl";
const EPSILON: f64 = 1e-7;

/// Settings of [`ExcessMtl`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ExcessMtlConfig {
    /// Step size `η` of the weights. Default 0.01.
    pub step_size: f64,
    /// Steps of a task that its reference excess is the mean of. Default 1.
    pub warmup_steps: u64,
}

impl Default for ExcessMtlConfig {
    fn default() -> Self {
        Self {
            step_size: 1e-2,
            warmup_steps: 1,
        }
    }
}

/// Weights from excess risks.
#[derive(Clone, Debug, PartialEq)]
pub struct ExcessMtl {
    config: ExcessMtlConfig,
    squares: Buffers,
    log_weights: Vec<f64>,
    reference_sums: Vec<f64>,
    reference_counts: Vec<u64>,
}

impl ExcessMtl {
    /// Equal weights of `tasks` tasks.
    ///
    /// # Errors
    /// [`BalanceError::Setting`] if the step size is not above 0 or the warm-up is 0 steps.
    pub fn new(config: &ExcessMtlConfig, tasks: usize) -> Result<Self, BalanceError> {
        positive(NAME, "step_size", config.step_size)?;
        at_least(NAME, "warmup_steps", config.warmup_steps, 1)?;
        Ok(Self {
            config: config.clone(),
            squares: Buffers::new(tasks),
            log_weights: vec![0.0; tasks],
            reference_sums: vec![0.0; tasks],
            reference_counts: vec![0; tasks],
        })
    }

    /// Adds the squared gradients up and returns the excess of each present task.
    fn excesses(&mut self, gradients: &GradientRows<'_>, tasks: &[usize]) -> Vec<f64> {
        let mut excesses = vec![0.0; tasks.len()];
        gradients.for_each_piece(|start, piece| {
            for ((&task, row), excess) in tasks.iter().zip(piece).zip(&mut excesses) {
                for (square, entry) in self.squares.row_from(task, start).iter_mut().zip(row) {
                    *square += entry * entry;
                    *excess += entry * entry / (*square + EPSILON).sqrt();
                }
            }
        });
        excesses
    }

    fn learn(&mut self, task: usize, excess: f64) {
        if self.reference_counts[task] < self.config.warmup_steps {
            self.reference_sums[task] += excess;
            self.reference_counts[task] += 1;
            return;
        }
        let reference = self.reference_sums[task] / self.reference_counts[task] as f64;
        // A task without gradient during its warm-up has nothing to be compared with.
        let relative = if reference > 0.0 {
            excess / reference
        } else {
            1.0
        };
        self.log_weights[task] += self.config.step_size * relative;
    }
}

impl GradientAggregator for ExcessMtl {
    fn name(&self) -> &'static str {
        NAME
    }

    fn aggregate(
        &mut self,
        gradients: &GradientRows<'_>,
        losses: &TaskLosses,
        write: &mut dyn FnMut(usize, &[f64]),
    ) -> Result<Option<TaskWeights>, BalanceError> {
        losses.check_count(self.log_weights.len())?;
        let tasks = gradients.tasks(losses)?;
        self.squares.reserve(&tasks, gradients.columns())?;
        let excesses = self.excesses(gradients, &tasks);
        for (&task, excess) in tasks.iter().zip(excesses) {
            self.learn(task, excess);
        }
        // Only differences matter: a common shift keeps the numbers small.
        let largest = crate::numeric::max(&self.log_weights);
        for value in &mut self.log_weights {
            *value -= largest;
        }
        let logits: Vec<f64> = tasks.iter().map(|&task| self.log_weights[task]).collect();
        let count = tasks.len() as f64;
        let weights: Vec<f64> = softmax(&logits).iter().map(|share| count * share).collect();
        gradients.write_sum(&weights, write);
        Ok(Some(TaskWeights::of_present(NAME, losses, &weights)?))
    }

    fn makes_weights(&self) -> bool {
        true
    }

    fn keeps_coordinates(&self) -> bool {
        true
    }

    fn state(&self) -> BalanceState {
        let state = BalanceState::new(NAME)
            .with_vector("log_weights", self.log_weights.clone())
            .with_vector("reference_sums", self.reference_sums.clone())
            .with_counters("reference_counts", self.reference_counts.clone());
        self.squares.save("squares", state)
    }

    fn restore(&mut self, mut state: BalanceState) -> Result<(), BalanceError> {
        state.check_method(NAME)?;
        let tasks = self.log_weights.len();
        let restored = Self {
            config: self.config.clone(),
            squares: self.squares.load(NAME, "squares", &mut state)?,
            log_weights: state.take_vector(NAME, "log_weights", tasks)?,
            reference_sums: state.take_vector(NAME, "reference_sums", tasks)?,
            reference_counts: state.take_counters(NAME, "reference_counts", tasks)?,
        };
        *self = restored;
        Ok(())
    }
}
