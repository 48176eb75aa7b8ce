//! UPGrad and DualProj: projections on the cone of directions that oppose no task.
//!
//! The dual cone is `{x : ⟨g_i, x⟩ ≥ 0 for all i}`; the projection of `Σ p_i g_i` on it
//! is `Σ v_i g_i` with `v = argmin vᵀGv` over `v ≥ p`.
//!
//! - **UPGrad** (Quinton and Rey, "Jacobian Descent for Multi-Objective Optimization",
//!   2024, §3, <https://arxiv.org/abs/2406.16232>) projects every `p_i g_i` and sums.
//! - **DualProj** projects the sum `Σ p_i g_i`, as GEM does (Lopez-Paz and Ranzato,
//!   "Gradient Episodic Memory", NeurIPS 2017, §3): one projection, less fair.
//!
//! As in TorchJD, `G / trace(G) + reg_eps I` takes the place of `G`, which keeps weights
//! bounded between nearly opposite gradients and non-conflict up to that tolerance;
//! `reg_eps = 0` is the paper's projection. TorchJD also ignores the gradients where
//! the trace is below `norm_eps` = 1e-4; here the default is 0, since small gradients
//! are no reason to let tasks conflict.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::GramianRule;
use super::preference::Preference;
use crate::settings::not_negative;
use crate::solve::{ActiveSet, QuadraticProgram, SolveError};
use crate::{BalanceError, Gramian, TaskInfo};

/// Settings of [`UpGrad`] and [`DualProj`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct DualConeConfig {
    /// How much each task counts, by name; a task not named has 1.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub preference: BTreeMap<String, f64>,
    /// Added to the diagonal of the normalised Gramian. Default 1e-4.
    pub reg_eps: f64,
    /// Traces of the Gramian below this count as 0. Default 0.
    pub norm_eps: f64,
}

impl Default for DualConeConfig {
    fn default() -> Self {
        Self {
            preference: BTreeMap::new(),
            reg_eps: 1e-4,
            norm_eps: 0.0,
        }
    }
}

/// The sum of the projections of the gradients on the dual cone.
#[derive(Clone, Debug, PartialEq)]
pub struct UpGrad(Cone);

/// The projection of the mean gradient on the dual cone.
#[derive(Clone, Debug, PartialEq)]
pub struct DualProj(Cone);

#[derive(Clone, Debug, PartialEq)]
struct Cone {
    preference: Preference,
    reg_eps: f64,
    norm_eps: f64,
}

impl Cone {
    fn new(
        method: &'static str,
        config: &DualConeConfig,
        tasks: &[TaskInfo],
    ) -> Result<Self, BalanceError> {
        Ok(Self {
            preference: Preference::new(method, &config.preference, tasks)?,
            reg_eps: not_negative(method, "reg_eps", config.reg_eps)?,
            norm_eps: not_negative(method, "norm_eps", config.norm_eps)?,
        })
    }

    /// The normalised and regularised Gramian; `None` where nothing is to be projected.
    fn matrix(&self, gramian: &Gramian) -> Option<Vec<f64>> {
        let trace = gramian.trace();
        if trace == 0.0 || trace < self.norm_eps {
            return None;
        }
        let size = gramian.size();
        let mut matrix: Vec<f64> = gramian.values().iter().map(|value| value / trace).collect();
        for i in 0..size {
            matrix[i * size + i] += self.reg_eps;
        }
        Some(matrix)
    }
}

/// `argmin vᵀHv` over `v ≥ lower`, for one bound after the other.
fn project(
    matrix: &[f64],
    solver: &mut ActiveSet<'_>,
    lower: &[f64],
) -> Result<Vec<f64>, SolveError> {
    let linear: Vec<f64> = matrix
        .chunks(lower.len())
        .map(|row| -crate::numeric::dot(row, lower))
        .collect();
    solver.reset();
    let above = solver.solve(&linear)?;
    Ok(above.iter().zip(lower).map(|(x, low)| x + low).collect())
}

impl UpGrad {
    /// With these settings.
    ///
    /// # Errors
    /// [`BalanceError::Setting`] or [`BalanceError::UnknownTask`].
    pub fn new(config: &DualConeConfig, tasks: &[TaskInfo]) -> Result<Self, BalanceError> {
        Ok(Self(Cone::new(Self::NAME, config, tasks)?))
    }
}

impl GramianRule for UpGrad {
    const NAME: &'static str = "upgrad";

    fn weights(&self, gramian: &Gramian, tasks: &[usize]) -> Result<Vec<f64>, BalanceError> {
        let preference = self.0.preference.mean(tasks);
        let Some(matrix) = self.0.matrix(gramian) else {
            return Ok(preference);
        };
        let program = QuadraticProgram::non_negative(preference.len(), &matrix);
        let mut solver = program.solver();
        let mut sum = vec![0.0; preference.len()];
        for (task, amount) in preference.iter().enumerate() {
            let mut lower = vec![0.0; preference.len()];
            lower[task] = *amount;
            let projected = project(&matrix, &mut solver, &lower)
                .map_err(|error| BalanceError::solver(Self::NAME, &error))?;
            for (sum, value) in sum.iter_mut().zip(projected) {
                *sum += value;
            }
        }
        Ok(sum)
    }
}

impl DualProj {
    /// With these settings.
    ///
    /// # Errors
    /// [`BalanceError::Setting`] or [`BalanceError::UnknownTask`].
    pub fn new(config: &DualConeConfig, tasks: &[TaskInfo]) -> Result<Self, BalanceError> {
        Ok(Self(Cone::new(Self::NAME, config, tasks)?))
    }
}

impl GramianRule for DualProj {
    const NAME: &'static str = "dualproj";

    fn weights(&self, gramian: &Gramian, tasks: &[usize]) -> Result<Vec<f64>, BalanceError> {
        let preference = self.0.preference.mean(tasks);
        match self.0.matrix(gramian) {
            None => Ok(preference),
            Some(matrix) => {
                let program = QuadraticProgram::non_negative(preference.len(), &matrix);
                project(&matrix, &mut program.solver(), &preference)
                    .map_err(|error| BalanceError::solver(Self::NAME, &error))
            }
        }
    }
}
