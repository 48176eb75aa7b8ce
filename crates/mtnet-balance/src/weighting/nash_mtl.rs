//! Nash-MTL: weights of the Nash bargaining solution, `G α = 1 / α` elementwise, `α > 0`.
//!
//! Navon et al., "Multi-Task Learning as a Bargaining Game", ICML 2022, §3. The
//! equation is the optimum of the strictly convex `½ αᵀGα − Σ ln α_i`, which is solved
//! directly; LibMTL and TorchJD approach it by a sequence of conic programs and return
//! the iterate before the last, or silently the previous weights where the solver
//! fails. Multiplying a loss by a constant divides its weight by it. `max_norm` shortens
//! the direction to at most that length, as both libraries do by default.
//!
//! A zero gradient takes no part in the bargain and has the weight 0. Where some
//! non-negative combination of the gradients is zero there is no agreement, and
//! weighing is an error.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::GramianRule;
use crate::settings::positive;
use crate::solve::power_root;
use crate::{BalanceError, Gramian};

/// Settings of [`NashMtl`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct NashMtlConfig {
    /// Greatest length of the direction; 0 for no bound. Default 1.
    pub max_norm: f64,
}

impl Default for NashMtlConfig {
    fn default() -> Self {
        Self { max_norm: 1.0 }
    }
}

/// The bargaining solution of the tasks.
#[derive(Clone, Debug, PartialEq)]
pub struct NashMtl {
    max_norm: Option<f64>,
}

impl NashMtl {
    /// With these settings.
    ///
    /// # Errors
    /// [`BalanceError::Setting`] if `max_norm` is negative.
    pub fn new(config: &NashMtlConfig) -> Result<Self, BalanceError> {
        let max_norm = if config.max_norm == 0.0 {
            None
        } else {
            Some(positive(Self::NAME, "max_norm", config.max_norm)?)
        };
        Ok(Self { max_norm })
    }
}

impl GramianRule for NashMtl {
    const NAME: &'static str = "nash-mtl";

    fn weights(&self, gramian: &Gramian, _tasks: &[usize]) -> Result<Vec<f64>, BalanceError> {
        let mut weights =
            power_root(gramian, 1.0).map_err(|error| BalanceError::solver(Self::NAME, &error))?;
        let length = gramian.length(&weights);
        if let Some(max_norm) = self.max_norm
            && length > max_norm
        {
            for weight in &mut weights {
                *weight *= max_norm / length;
            }
        }
        Ok(weights)
    }
}
