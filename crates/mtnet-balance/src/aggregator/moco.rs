//! MoCo: multi-objective gradient correction by tracked gradients.
//!
//! Fernando et al., "Mitigating Gradient Bias in Multi-objective Learning", ICLR 2023,
//! algorithm 1. `y_i ← y_i − β_t (y_i − L_i g_i / ‖g_i‖)` tracks the gradients,
//! `λ ← Π_Δ(λ − γ_t (Y Yᵀ + ρ I) λ)` follows the min-norm problem, and the direction is
//! `Σ λ_i y_i`, with `β_t = β / t^{σ_β}` and `γ_t = γ / t^{σ_γ}`.
//!
//! The projection on the simplex is the paper's; LibMTL takes a softmax, which
//! `projection = "softmax"` reproduces. Keeps one number a task and parameter.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::buffers::Buffers;
use super::{GradientAggregator, GradientRows};
use crate::numeric::{dot, softmax};
use crate::settings::{fraction, not_negative, positive};
use crate::solve::project_on_simplex;
use crate::{BalanceError, BalanceState, TaskLosses, TaskWeights};

const NAME: &str = "moco";
const EPSILON: f64 = 1e-8;

/// How the weights return to the simplex.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum MocoProjection {
    /// To its nearest point, as in the paper.
    #[default]
    Simplex,
    /// By a softmax, as in LibMTL.
    Softmax,
}

/// Settings of [`Moco`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct MocoConfig {
    /// Share `β` of the newest gradient in the tracked one. Default 0.5.
    pub beta: f64,
    /// Exponent by which that share falls with the steps. Default 0.5.
    pub beta_sigma: f64,
    /// Step size `γ` of the weights. Default 0.1.
    pub gamma: f64,
    /// Exponent by which that step size falls with the steps. Default 0.5.
    pub gamma_sigma: f64,
    /// Pull `ρ` towards equal weights. Default 0.
    pub rho: f64,
    /// How the weights return to the simplex. Default `simplex`.
    pub projection: MocoProjection,
}

impl Default for MocoConfig {
    fn default() -> Self {
        Self {
            beta: 0.5,
            beta_sigma: 0.5,
            gamma: 0.1,
            gamma_sigma: 0.5,
            rho: 0.0,
            projection: MocoProjection::Simplex,
        }
    }
}

/// A weighted sum of tracked gradients.
#[derive(Clone, Debug, PartialEq)]
pub struct Moco {
    config: MocoConfig,
    tracked: Buffers,
    lambda: Vec<f64>,
    /// Steps in which each task was present.
    counts: Vec<u64>,
    steps: u64,
}

impl Moco {
    /// Equal weights of `tasks` tasks.
    ///
    /// # Errors
    /// [`BalanceError::Setting`] for a setting out of range.
    pub fn new(config: &MocoConfig, tasks: usize) -> Result<Self, BalanceError> {
        fraction(NAME, "beta", config.beta)?;
        not_negative(NAME, "beta_sigma", config.beta_sigma)?;
        positive(NAME, "gamma", config.gamma)?;
        not_negative(NAME, "gamma_sigma", config.gamma_sigma)?;
        not_negative(NAME, "rho", config.rho)?;
        Ok(Self {
            config: config.clone(),
            tracked: Buffers::new(tasks),
            lambda: vec![1.0 / tasks as f64; tasks],
            counts: vec![0; tasks],
            steps: 0,
        })
    }

    /// The weights of the tracked gradients, one a task.
    pub fn lambda(&self) -> &[f64] {
        &self.lambda
    }

    fn track(&mut self, gradients: &GradientRows<'_>, tasks: &[usize], factors: &[f64]) {
        let shares: Vec<f64> = tasks
            .iter()
            .map(|&task| {
                self.counts[task] += 1;
                self.config.beta / (self.counts[task] as f64).powf(self.config.beta_sigma)
            })
            .collect();
        gradients.for_each_piece(|start, piece| {
            for (k, (&task, row)) in tasks.iter().zip(piece).enumerate() {
                for (kept, entry) in self.tracked.row_from(task, start).iter_mut().zip(row) {
                    *kept -= shares[k] * (*kept - factors[k] * entry);
                }
            }
        });
    }

    /// One step on the weights of the present tasks, which it returns.
    fn step(&mut self, tasks: &[usize]) -> Vec<f64> {
        self.steps += 1;
        let rate = self.config.gamma / (self.steps as f64).powf(self.config.gamma_sigma);
        let held: f64 = tasks.iter().map(|&task| self.lambda[task]).sum();
        if held <= 0.0 {
            return vec![0.0; tasks.len()];
        }
        let current: Vec<f64> = tasks.iter().map(|&task| self.lambda[task] / held).collect();
        let moved: Vec<f64> = tasks
            .iter()
            .zip(&current)
            .map(|(&i, value)| {
                let product = |j: usize| dot(self.tracked.row(i), self.tracked.row(j));
                let slope: f64 = tasks
                    .iter()
                    .zip(&current)
                    .map(|(&j, w)| product(j) * w)
                    .sum();
                value - rate * (slope + self.config.rho * value)
            })
            .collect();
        let next = match self.config.projection {
            MocoProjection::Simplex => project_on_simplex(&moved),
            MocoProjection::Softmax => softmax(&moved),
        };
        for (&task, value) in tasks.iter().zip(&next) {
            self.lambda[task] = value * held;
        }
        next
    }
}

impl GradientAggregator for Moco {
    fn name(&self) -> &'static str {
        NAME
    }

    fn aggregate(
        &mut self,
        gradients: &GradientRows<'_>,
        losses: &TaskLosses,
        write: &mut dyn FnMut(usize, &[f64]),
    ) -> Result<Option<TaskWeights>, BalanceError> {
        losses.check_count(self.lambda.len())?;
        let tasks = gradients.tasks(losses)?;
        let norms = gradients.gramian()?.norms();
        self.tracked.reserve(&tasks, gradients.columns())?;
        let factors: Vec<f64> = losses
            .present_values()
            .iter()
            .zip(norms)
            .map(|(loss, norm)| loss / (norm + EPSILON))
            .collect();
        self.track(gradients, &tasks, &factors);
        let weights = self.step(&tasks);
        let mut direction = vec![0.0; gradients.columns()];
        for (&task, weight) in tasks.iter().zip(&weights) {
            for (sum, entry) in direction.iter_mut().zip(self.tracked.row(task)) {
                *sum += weight * entry;
            }
        }
        write(0, &direction);
        Ok(None)
    }

    fn keeps_coordinates(&self) -> bool {
        true
    }

    fn state(&self) -> BalanceState {
        let state = BalanceState::new(NAME)
            .with_vector("lambda", self.lambda.clone())
            .with_counters("counts", self.counts.clone())
            .with_counters("steps", vec![self.steps]);
        self.tracked.save("tracked", state)
    }

    fn restore(&mut self, mut state: BalanceState) -> Result<(), BalanceError> {
        state.check_method(NAME)?;
        let tasks = self.lambda.len();
        let restored = Self {
            config: self.config.clone(),
            tracked: self.tracked.load(NAME, "tracked", &mut state)?,
            lambda: state.take_vector(NAME, "lambda", tasks)?,
            counts: state.take_counters(NAME, "counts", tasks)?,
            steps: state.take_counters(NAME, "steps", 1)?[0],
        };
        *self = restored;
        Ok(())
    }
}
