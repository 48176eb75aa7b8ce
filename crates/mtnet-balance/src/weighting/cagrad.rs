//! CAGrad, conflict-averse gradient descent: best for the worst task within a ball around the mean.
//!
//! Liu et al., "Conflict-Averse Gradient Descent for Multi-task Learning", NeurIPS
//! 2021, §3.2: with `g_0` the mean gradient and `w` the minimiser of
//! `g_wᵀg_0 + c ‖g_0‖ ‖g_w‖` over the simplex, `d = g_0 + c ‖g_0‖ g_w / ‖g_w‖`.
//!
//! Without rescaling, as in the paper's algorithm and TorchJD; `rescale` divides by
//! `1 + c²` as the authors' code and LibMTL do, or by `1 + c`. Where `g_w` vanishes no
//! direction in the ball helps every task and the weights are 0, as in TorchJD, but
//! judged relative to the largest gradient: TorchJD's absolute bound also stops on
//! gradients of very different size. For `c ≥ 1` descent of the mean loss is no longer assured.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::GramianRule;
use crate::settings::not_negative;
use crate::solve::{CagradSolution, conflict_averse};
use crate::{BalanceError, Gramian};

/// What the direction is divided by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum CagradRescale {
    /// 1, as in the paper.
    #[default]
    None,
    /// `1 + c²`, as in the authors' code.
    OnePlusCSquared,
    /// `1 + c`.
    OnePlusC,
}

/// Settings of [`Cagrad`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct CagradConfig {
    /// Radius `c` of the ball, relative to the mean gradient. Default 0.5.
    pub c: f64,
    /// What the direction is divided by. Default `none`.
    pub rescale: CagradRescale,
}

impl Default for CagradConfig {
    fn default() -> Self {
        Self {
            c: 0.5,
            rescale: CagradRescale::None,
        }
    }
}

/// The mean gradient, bent towards the worst-off task.
#[derive(Clone, Debug, PartialEq)]
pub struct Cagrad {
    c: f64,
    scale: f64,
}

impl Cagrad {
    /// With these settings.
    ///
    /// # Errors
    /// [`BalanceError::Setting`] if `c` is negative.
    pub fn new(config: &CagradConfig) -> Result<Self, BalanceError> {
        let c = not_negative(Self::NAME, "c", config.c)?;
        let scale = match config.rescale {
            CagradRescale::None => 1.0,
            CagradRescale::OnePlusCSquared => 1.0 / (1.0 + c * c),
            CagradRescale::OnePlusC => 1.0 / (1.0 + c),
        };
        Ok(Self { c, scale })
    }
}

impl GramianRule for Cagrad {
    const NAME: &'static str = "cagrad";

    fn weights(&self, gramian: &Gramian, _tasks: &[usize]) -> Result<Vec<f64>, BalanceError> {
        let (gramian, _) = gramian.unit_scale();
        let size = gramian.size();
        let mean = vec![1.0 / size as f64; size];
        let mean_norm = gramian.length(&mean);
        let radius = self.c * mean_norm;
        if mean_norm <= 1e-12 {
            return Ok(vec![0.0; size]);
        }
        if radius == 0.0 {
            return Ok(mean);
        }
        let solution = conflict_averse(&gramian, &mean, radius)
            .map_err(|error| BalanceError::solver(Self::NAME, &error))?;
        Ok(match solution {
            CagradSolution::Stationary => vec![0.0; size],
            CagradSolution::Weights(weights, norm) => weights
                .iter()
                .zip(&mean)
                .map(|(weight, mean)| self.scale * (mean + radius / norm * weight))
                .collect(),
        })
    }
}
