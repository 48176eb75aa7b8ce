//! FairGrad: the direction of greatest α-fair utility, `G w = w^{−1/α}` elementwise, `w > 0`.
//!
//! Ban and Ji, "Fair Resource Allocation in Multi-Task Learning", ICML 2024, §4.
//! `α = 1` is Nash-MTL, `α → ∞` max-min fairness. Solved as the optimum of a strictly
//! convex function; LibMTL and TorchJD use bounded least squares, which can stop early
//! on tiny or very differently sized gradients. The weights are not normalised, as in
//! the paper: their sum depends on the size of the gradients.
//!
//! A zero gradient has the weight 0; where some non-negative combination of the
//! gradients is zero there is no solution, and weighing is an error.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::GramianRule;
use crate::settings::positive;
use crate::solve::power_root;
use crate::{BalanceError, Gramian};

/// Settings of [`FairGrad`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct FairGradConfig {
    /// Fairness `α`, above 0. Default 1.
    pub alpha: f64,
}

impl Default for FairGradConfig {
    fn default() -> Self {
        Self { alpha: 1.0 }
    }
}

/// The α-fair weights.
#[derive(Clone, Debug, PartialEq)]
pub struct FairGrad {
    alpha: f64,
}

impl FairGrad {
    /// With these settings.
    ///
    /// # Errors
    /// [`BalanceError::Setting`] if `alpha` is not above 0.
    pub fn new(config: &FairGradConfig) -> Result<Self, BalanceError> {
        Ok(Self {
            alpha: positive(Self::NAME, "alpha", config.alpha)?,
        })
    }
}

impl GramianRule for FairGrad {
    const NAME: &'static str = "fairgrad";

    fn weights(&self, gramian: &Gramian, _tasks: &[usize]) -> Result<Vec<f64>, BalanceError> {
        power_root(gramian, 1.0 / self.alpha)
            .map_err(|error| BalanceError::solver(Self::NAME, &error))
    }
}
