//! How large the weights of a step are taken together.
//!
//! Published methods differ in `Σ w_i`: some sum the losses, some average them,
//! some set a length of their own. Changing the method then changes the effective
//! learning rate by up to the number of tasks. This option makes the scale explicit.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::TaskWeights;

/// What the weights of the tasks present in a step add up to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Normalize {
    /// The number of present tasks, as in a sum of losses.
    Sum,
    /// 1, as in a mean of losses.
    Mean,
    /// Whatever the method defines.
    #[default]
    None,
}

impl Normalize {
    /// Weights and total rescaled together, by a factor that no gradient passes through.
    ///
    /// Weights whose sum is not positive (some methods give a task a negative one)
    /// have no such factor and are left as they are.
    #[must_use]
    pub fn apply(self, weights: TaskWeights) -> TaskWeights {
        let target = match self {
            Self::Sum => weights.present_count() as f64,
            Self::Mean => 1.0,
            Self::None => return weights,
        };
        let factor = target / weights.sum();
        if factor.is_finite() && factor > 0.0 {
            weights.scaled(factor)
        } else {
            weights
        }
    }
}
