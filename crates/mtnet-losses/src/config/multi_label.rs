//! The loss of a head that answers yes or no for each label.

use candle_core::Tensor;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::settings::{check_alpha, check_gamma};
use crate::weights::balanced_positive_weights;
use crate::{
    BinaryCrossEntropy, DenseTargets, LabelWeights, LossError, Reduction, SigmoidFocal,
    binary_cross_entropy_with_logits, sigmoid_focal,
};

/// Loss of any number of labels a row; by default binary cross-entropy without weights.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "type", rename_all = "kebab-case", deny_unknown_fields)]
pub enum MultiLabelLossConfig {
    /// Binary cross-entropy of each label.
    Bce {
        /// Weight of each label's positives: `none`, `balanced` or a list. Default `none`.
        #[serde(default)]
        positive_weights: LabelWeights,
    },
    /// Focal loss of each label: right answers fade out.
    Focal {
        /// Weight of a label that holds, from 0 to 1; one that does not has `1 - alpha`, so 0.5
        /// treats both alike. Default 0.25.
        #[serde(default = "default_alpha")]
        alpha: f64,
        /// How fast right answers fade, at least 0. Default 2.
        #[serde(default = "default_gamma")]
        gamma: f64,
    },
}

fn default_alpha() -> f64 {
    0.25
}

fn default_gamma() -> f64 {
    SigmoidFocal::default().gamma
}

impl Default for MultiLabelLossConfig {
    fn default() -> Self {
        Self::Bce {
            positive_weights: LabelWeights::None,
        }
    }
}

impl MultiLabelLossConfig {
    /// Whether every number is in range.
    ///
    /// # Errors
    /// Names the first setting that is not, and its range.
    pub fn check(&self) -> Result<(), LossError> {
        match self {
            Self::Bce { positive_weights } => positive_weights.check("positive_weights"),
            Self::Focal { alpha, gamma } => {
                check_alpha(*alpha)?;
                check_gamma(*gamma)
            }
        }
    }

    /// The loss for labels that hold in `positives` `(labels)` of `examples` training examples.
    ///
    /// # Errors
    /// If a number is out of range, or the weights are not one a label.
    pub fn build(&self, positives: &[u64], examples: u64) -> Result<MultiLabelLoss, LossError> {
        self.check()?;
        Ok(match self {
            Self::Bce { positive_weights } => {
                MultiLabelLoss::BinaryCrossEntropy(BinaryCrossEntropy {
                    positive_weights: positive_weights.resolve(
                        "positive_weights",
                        positives.len(),
                        || balanced_positive_weights(positives, examples),
                    )?,
                })
            }
            Self::Focal { alpha, gamma } => MultiLabelLoss::Focal(SigmoidFocal {
                gamma: *gamma,
                alpha: Some(*alpha),
            }),
        })
    }
}

/// A [`MultiLabelLossConfig`] with its weights resolved.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum MultiLabelLoss {
    /// Computed by [`binary_cross_entropy_with_logits`].
    BinaryCrossEntropy(BinaryCrossEntropy),
    /// Computed by [`sigmoid_focal`].
    Focal(SigmoidFocal),
}

impl MultiLabelLoss {
    /// Loss in nats of logits `(rows, labels)` against targets of 0 or 1 in that shape.
    ///
    /// # Errors
    /// If `logits` is not a matrix of floats in the shape of `targets`, or one of these is
    /// neither 0 nor 1 (binary cross-entropy also takes what lies between).
    pub fn compute(
        &self,
        logits: &Tensor,
        targets: &DenseTargets,
        reduction: Reduction,
    ) -> Result<Tensor, LossError> {
        match self {
            Self::BinaryCrossEntropy(settings) => {
                binary_cross_entropy_with_logits(logits, targets, settings, reduction)
            }
            Self::Focal(settings) => sigmoid_focal(logits, targets, settings, reduction),
        }
    }
}
