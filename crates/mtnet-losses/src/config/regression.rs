//! The loss of a head that predicts numbers.

use candle_core::Tensor;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::settings::{check_beta, check_delta};
use crate::{DenseTargets, LossError, Reduction, absolute_error, huber, smooth_l1, squared_error};

/// Loss of predicted numbers; by default the squared error.
///
/// Those without settings have braces so that an unknown key beside them is refused.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "type", rename_all = "kebab-case", deny_unknown_fields)]
pub enum RegressionLossConfig {
    /// Squared error.
    Mse {},
    /// Squared up to a difference, straight beyond.
    Huber {
        /// The difference, above 0. Default 1.
        #[serde(default = "one")]
        delta: f64,
    },
    /// Absolute error.
    L1 {},
    /// Absolute error, rounded off below a difference.
    SmoothL1 {
        /// The difference, at least 0. Default 1.
        #[serde(default = "one")]
        beta: f64,
    },
}

fn one() -> f64 {
    1.
}

impl Default for RegressionLossConfig {
    fn default() -> Self {
        Self::Mse {}
    }
}

impl RegressionLossConfig {
    /// Whether every number is in range.
    ///
    /// # Errors
    /// Names the setting that is not, and its range.
    pub fn check(&self) -> Result<(), LossError> {
        match self {
            Self::Mse {} | Self::L1 {} => Ok(()),
            Self::Huber { delta } => check_delta(*delta),
            Self::SmoothL1 { beta } => check_beta(*beta),
        }
    }

    /// Loss of predictions `(rows, columns)` against targets of that shape, in units of the
    /// targets, squared for `mse` and `huber`.
    ///
    /// # Errors
    /// If `predictions` is not a matrix of floats in the shape of `targets`, or a number is out
    /// of range.
    pub fn compute(
        &self,
        predictions: &Tensor,
        targets: &DenseTargets,
        reduction: Reduction,
    ) -> Result<Tensor, LossError> {
        match self {
            Self::Mse {} => squared_error(predictions, targets, reduction),
            Self::Huber { delta } => huber(predictions, targets, *delta, reduction),
            Self::L1 {} => absolute_error(predictions, targets, reduction),
            Self::SmoothL1 { beta } => smooth_l1(predictions, targets, *beta, reduction),
        }
    }
}
