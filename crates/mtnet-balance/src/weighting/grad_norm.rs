//! GradNorm: weights under which every task pulls with the strength its progress asks for.
//!
//! Chen et al., "GradNorm: Gradient Normalization for Adaptive Loss Balancing", ICML
//! 2018, §3, algorithm 1. With `G_i = w_i ‖g_i‖` and `r_i = (L_i / L_i⁰) / mean`, the
//! weights follow the gradient of `Σ |G_i − mean(G) r_i^α|`, the target held fixed, and
//! are rescaled to add up to the number of present tasks. `L_i⁰` is the mean of the
//! task's first losses.
//!
//! `direct` learns `w` itself, as the paper; `softmax` learns `v` with
//! `w = k softmax(v)` as LibMTL, which keeps weights positive without a bound.
//! (gradnorm-pytorch takes the mean over tasks in place of the sum, and the exponent
//! with the opposite sign; neither is followed here.)

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::GramianWeighting;
use super::contract::present_tasks;
use crate::numeric::{dot, softmax};
use crate::settings::{at_least, not_negative, positive};
use crate::{
    BalanceError, BalanceState, Gramian, OptimizerKind, ParameterOptimizer, TaskLosses, TaskWeights,
};

const NAME: &str = "gradnorm";

/// Directly learned weights are kept at or above this.
const LEAST_WEIGHT: f64 = 1e-3;

/// What is learned.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum GradNormParameters {
    /// The weights themselves.
    #[default]
    Direct,
    /// Logits, with the weights their softmax times the number of tasks.
    Softmax,
}

/// Settings of [`GradNorm`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct GradNormConfig {
    /// How strongly slow tasks are favoured; 0 makes all pulls equal. Default 1.5.
    pub alpha: f64,
    /// What is learned. Default `direct`.
    pub parameters: GradNormParameters,
    /// Rule by which it is learned. Default `adam`.
    pub optimizer: OptimizerKind,
    /// Step size of the weights. Default 0.025.
    pub learning_rate: f64,
    /// Losses of a task that its initial loss is the mean of. Default 1.
    pub initial_steps: u64,
}

impl Default for GradNormConfig {
    fn default() -> Self {
        Self {
            alpha: 1.5,
            parameters: GradNormParameters::Direct,
            optimizer: OptimizerKind::Adam,
            learning_rate: 0.025,
            initial_steps: 1,
        }
    }
}

/// Weights that even out gradient norms, by progress.
#[derive(Clone, Debug, PartialEq)]
pub struct GradNorm {
    config: GradNormConfig,
    learned: Vec<f64>,
    optimizer: ParameterOptimizer,
    initial_sums: Vec<f64>,
    initial_counts: Vec<u64>,
}

impl GradNorm {
    /// Equal weights of `tasks` tasks.
    ///
    /// # Errors
    /// [`BalanceError::Setting`] for a setting out of range.
    pub fn new(config: &GradNormConfig, tasks: usize) -> Result<Self, BalanceError> {
        not_negative(NAME, "alpha", config.alpha)?;
        positive(NAME, "learning_rate", config.learning_rate)?;
        at_least(NAME, "initial_steps", config.initial_steps, 1)?;
        Ok(Self {
            learned: vec![1.0; tasks],
            optimizer: ParameterOptimizer::new(config.optimizer, config.learning_rate, tasks),
            initial_sums: vec![0.0; tasks],
            initial_counts: vec![0; tasks],
            config: config.clone(),
        })
    }

    /// With initial losses `L⁰` known from elsewhere, one a task.
    ///
    /// # Panics
    /// If there are not as many as tasks.
    #[must_use]
    pub fn with_initial_losses(mut self, losses: &[f64]) -> Self {
        assert_eq!(losses.len(), self.learned.len());
        let count = self.config.initial_steps;
        self.initial_sums = losses.iter().map(|loss| loss * count as f64).collect();
        self.initial_counts = vec![count; losses.len()];
        self
    }

    /// What is learned: the weights, or their logits.
    pub fn learned(&self) -> &[f64] {
        &self.learned
    }

    fn weights(&self, present: &[usize]) -> Vec<f64> {
        let count = present.len() as f64;
        let learned: Vec<f64> = present.iter().map(|&task| self.learned[task]).collect();
        match self.config.parameters {
            GradNormParameters::Direct => {
                let sum: f64 = learned.iter().sum();
                learned.iter().map(|value| count * value / sum).collect()
            }
            GradNormParameters::Softmax => softmax(&learned)
                .iter()
                .map(|share| count * share)
                .collect(),
        }
    }

    /// Notes first losses; says whether all present tasks have their initial loss.
    fn note_initial(&mut self, losses: &TaskLosses) -> bool {
        for (task, loss) in losses.present() {
            if self.initial_counts[task] < self.config.initial_steps {
                self.initial_sums[task] += loss;
                self.initial_counts[task] += 1;
            }
        }
        losses
            .present()
            .all(|(task, _)| self.initial_counts[task] >= self.config.initial_steps)
    }

    /// Gradient of `Σ |G_i − target_i|` by the weights.
    fn slopes(&self, weights: &[f64], gramian: &Gramian, losses: &TaskLosses) -> Vec<f64> {
        let count = weights.len() as f64;
        let progress: Vec<f64> = losses
            .present()
            .map(|(task, loss)| {
                let initial = self.initial_sums[task] / self.initial_counts[task] as f64;
                loss / initial
            })
            .collect();
        let mean_progress = progress.iter().sum::<f64>() / count;
        let norms = gramian.norms();
        let pulls: Vec<f64> = weights.iter().zip(&norms).map(|(w, n)| w * n).collect();
        let mean_pull = pulls.iter().sum::<f64>() / count;
        pulls
            .iter()
            .zip(&progress)
            .zip(&norms)
            .map(|((pull, progress), norm)| {
                let excess = pull - mean_pull * (progress / mean_progress).powf(self.config.alpha);
                if excess == 0.0 {
                    0.0
                } else {
                    excess.signum() * norm
                }
            })
            .collect()
    }

    fn learn(&mut self, weights: &[f64], slopes: &[f64], present: &[usize]) {
        let mut gradient = vec![None; self.learned.len()];
        let mean = dot(weights, slopes) / weights.len() as f64;
        for ((&task, weight), slope) in present.iter().zip(weights).zip(slopes) {
            gradient[task] = Some(match self.config.parameters {
                GradNormParameters::Direct => *slope,
                // Through the softmax: w_i (s_i − Σ w_j s_j / k).
                GradNormParameters::Softmax => weight * (slope - mean),
            });
        }
        self.optimizer.step(&mut self.learned, &gradient);
        if self.config.parameters == GradNormParameters::Direct {
            for &task in present {
                self.learned[task] = self.learned[task].max(LEAST_WEIGHT);
            }
            for (&task, weight) in present.iter().zip(self.weights(present)) {
                self.learned[task] = weight;
            }
        }
    }
}

impl GramianWeighting for GradNorm {
    fn name(&self) -> &'static str {
        NAME
    }

    fn weigh(
        &mut self,
        gramian: &Gramian,
        losses: &TaskLosses,
    ) -> Result<TaskWeights, BalanceError> {
        losses.check_count(self.learned.len())?;
        losses.check_above(NAME, 0.0)?;
        let present = present_tasks(gramian, losses)?;
        let weights = self.weights(&present);
        let result = TaskWeights::of_present(NAME, losses, &weights)?;
        if !present.is_empty() && self.note_initial(losses) {
            let slopes = self.slopes(&weights, gramian, losses);
            self.learn(&weights, &slopes, &present);
        }
        Ok(result)
    }

    fn state(&self) -> BalanceState {
        let state = BalanceState::new(NAME)
            .with_vector("learned", self.learned.clone())
            .with_vector("initial_sums", self.initial_sums.clone())
            .with_counters("initial_counts", self.initial_counts.clone());
        self.optimizer.save(state)
    }

    fn restore(&mut self, mut state: BalanceState) -> Result<(), BalanceError> {
        state.check_method(NAME)?;
        let tasks = self.learned.len();
        let learned = state.take_vector(NAME, "learned", tasks)?;
        let initial_sums = state.take_vector(NAME, "initial_sums", tasks)?;
        let initial_counts = state.take_counters(NAME, "initial_counts", tasks)?;
        self.optimizer.load(NAME, &mut state)?;
        self.learned = learned;
        self.initial_sums = initial_sums;
        self.initial_counts = initial_counts;
        Ok(())
    }
}
