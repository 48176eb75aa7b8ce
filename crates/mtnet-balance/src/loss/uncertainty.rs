//! Homoscedastic uncertainty: `total = Σ [ a_i e^{-s_i} L_i + s_i / 2 ]`, `s_i = ln σ_i²` learned.
//!
//! Kendall, Gal and Cipolla, "Multi-Task Learning Using Uncertainty to Weigh Losses
//! for Scene Geometry and Semantics", CVPR 2018, §3.2. A Gaussian likelihood gives
//! `a = 1/2` (eq. 7), a softmax likelihood `a = 1` (eq. 10). LibMTL and TorchJD use
//! 1/2 for every task, which is the default here too; both forms settle at the same
//! weight `1 / (2 L_i)` and differ only on the way there. LibMTL starts at `s = -0.5`.
//!
//! The log variances have an optimizer of their own and no weight decay. A task
//! whose loss nears 0 earns an ever larger weight: [`UncertaintyConfig::min_log_variance`]
//! bounds it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::LossWeighting;
use super::learned::Learned;
use crate::settings::finite;
use crate::{BalanceError, BalanceState, OptimizerKind, TaskInfo, TaskLosses, TaskWeights};

const NAME: &str = "uncertainty";

/// Which likelihood stands behind a loss.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum UncertaintyForm {
    /// `a = 1/2` for every task, as the common libraries do.
    #[default]
    Gaussian,
    /// `a = 1` for every task.
    Softmax,
    /// As the paper: `a = 1` for tasks with classes, `1/2` for regressions.
    ByTask,
}

/// Settings of [`UncertaintyWeighting`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct UncertaintyConfig {
    /// `s` of every task before the first step. Default 0 (`σ² = 1`).
    pub initial_log_variance: f64,
    /// Lower bound of `s`, so that no weight exceeds `a e^{-s}`; none by default.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min_log_variance: Option<f64>,
    /// Which factor `a` a task has. Default `gaussian`.
    pub form: UncertaintyForm,
    /// Rule by which the log variances are learned. Default `adam`.
    pub optimizer: OptimizerKind,
    /// Step size of the log variances. Default 0.01: with Adam, a hundred steps can
    /// change a weight by the factor e.
    pub learning_rate: f64,
}

impl Default for UncertaintyConfig {
    fn default() -> Self {
        Self {
            initial_log_variance: 0.0,
            min_log_variance: None,
            form: UncertaintyForm::Gaussian,
            optimizer: OptimizerKind::Adam,
            learning_rate: 0.01,
        }
    }
}

/// Weights from one learned variance a task.
#[derive(Clone, Debug, PartialEq)]
pub struct UncertaintyWeighting {
    log_variances: Learned,
    factors: Vec<f64>,
    min_log_variance: Option<f64>,
}

impl UncertaintyWeighting {
    /// Variances at their initial value.
    ///
    /// # Errors
    /// [`BalanceError::Setting`] for a learning rate that is not above 0 or a bound
    /// that is not finite.
    pub fn new(config: &UncertaintyConfig, tasks: &[TaskInfo]) -> Result<Self, BalanceError> {
        if let Some(bound) = config.min_log_variance {
            finite(NAME, "min_log_variance", bound)?;
        }
        let factors = tasks
            .iter()
            .map(|task| match config.form {
                UncertaintyForm::Softmax => 1.0,
                UncertaintyForm::ByTask if task.classes.is_some() => 1.0,
                UncertaintyForm::Gaussian | UncertaintyForm::ByTask => 0.5,
            })
            .collect();
        let log_variances = Learned::new(
            NAME,
            "log_variances",
            ("initial_log_variance", config.initial_log_variance),
            (config.optimizer, config.learning_rate),
            tasks.len(),
        )?;
        let mut weighting = Self {
            log_variances,
            factors,
            min_log_variance: config.min_log_variance,
        };
        weighting.clamp();
        Ok(weighting)
    }

    /// The learned `s_i = ln σ_i²`, one a task.
    pub fn log_variances(&self) -> &[f64] {
        &self.log_variances.values
    }

    fn clamp(&mut self) {
        if let Some(bound) = self.min_log_variance {
            for value in &mut self.log_variances.values {
                *value = value.max(bound);
            }
        }
    }
}

impl LossWeighting for UncertaintyWeighting {
    fn name(&self) -> &'static str {
        NAME
    }

    fn weigh(&mut self, losses: &TaskLosses) -> Result<TaskWeights, BalanceError> {
        losses.check_count(self.log_variances.values.len())?;
        let mut weights = vec![None; losses.len()];
        let mut gradient = vec![None; losses.len()];
        let mut total = 0.0;
        for (task, loss) in losses.present() {
            let log_variance = self.log_variances.values[task];
            let weight = self.factors[task] * (-log_variance).exp();
            weights[task] = Some(weight);
            gradient[task] = Some(0.5 - weight * loss);
            total += weight * loss + 0.5 * log_variance;
        }
        let weights = TaskWeights::new(NAME, weights, total)?;
        self.log_variances.step(&gradient);
        self.clamp();
        Ok(weights)
    }

    fn state(&self) -> BalanceState {
        self.log_variances.state()
    }

    fn restore(&mut self, state: BalanceState) -> Result<(), BalanceError> {
        self.log_variances.restore(state)
    }
}
