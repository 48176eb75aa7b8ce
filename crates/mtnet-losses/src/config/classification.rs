//! The loss of a head that chooses one class.

use candle_core::Tensor;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::settings::{check_gamma, check_label_smoothing};
use crate::weights::balanced_class_weights;
use crate::{
    ClassTargets, CrossEntropy, LabelWeights, LossError, Reduction, SoftmaxFocal, cross_entropy,
    softmax_focal,
};

/// Loss of one class a row; by default cross-entropy without weights or smoothing.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "type", rename_all = "kebab-case", deny_unknown_fields)]
pub enum ClassificationLossConfig {
    /// Cross-entropy of the softmax.
    CrossEntropy {
        /// Share of the target spread evenly over all classes, from 0 to below 1. Default 0.
        #[serde(default)]
        label_smoothing: f64,
        /// Weight of each class: `none`, `balanced` or a list. Default `none`.
        #[serde(default)]
        class_weights: LabelWeights,
    },
    /// Focal loss of the softmax: right answers fade out.
    Focal {
        /// How fast they fade, at least 0. Default 2.
        #[serde(default = "default_gamma")]
        gamma: f64,
        /// Weight of each class (the paper's α): `none`, `balanced` or a list. Default `none`.
        #[serde(default)]
        alpha: LabelWeights,
    },
}

fn default_gamma() -> f64 {
    SoftmaxFocal::default().gamma
}

impl Default for ClassificationLossConfig {
    fn default() -> Self {
        Self::CrossEntropy {
            label_smoothing: 0.,
            class_weights: LabelWeights::None,
        }
    }
}

impl ClassificationLossConfig {
    /// Whether every number is in range.
    ///
    /// # Errors
    /// Names the first setting that is not, and its range.
    pub fn check(&self) -> Result<(), LossError> {
        match self {
            Self::CrossEntropy {
                label_smoothing,
                class_weights,
            } => {
                check_label_smoothing(*label_smoothing)?;
                class_weights.check("class_weights")
            }
            Self::Focal { gamma, alpha } => {
                check_gamma(*gamma)?;
                alpha.check("alpha")
            }
        }
    }

    /// The loss for classes that occur `counts` times in the training data `(classes)`.
    ///
    /// # Errors
    /// If a number is out of range, or the weights are not one a class.
    pub fn build(&self, counts: &[u64]) -> Result<ClassificationLoss, LossError> {
        self.check()?;
        let resolve = |setting, weights: &LabelWeights| {
            weights.resolve(setting, counts.len(), || balanced_class_weights(counts))
        };
        Ok(match self {
            Self::CrossEntropy {
                label_smoothing,
                class_weights,
            } => ClassificationLoss::CrossEntropy(CrossEntropy {
                class_weights: resolve("class_weights", class_weights)?,
                label_smoothing: *label_smoothing,
            }),
            Self::Focal { gamma, alpha } => ClassificationLoss::Focal(SoftmaxFocal {
                gamma: *gamma,
                class_weights: resolve("alpha", alpha)?,
            }),
        })
    }
}

/// A [`ClassificationLossConfig`] with its weights resolved.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum ClassificationLoss {
    /// Computed by [`cross_entropy`].
    CrossEntropy(CrossEntropy),
    /// Computed by [`softmax_focal`].
    Focal(SoftmaxFocal),
}

impl ClassificationLoss {
    /// Loss in nats of logits `(rows, classes)` against one class a row `(rows)`.
    ///
    /// # Errors
    /// If `logits` is not a matrix of floats with a row a target, or a target is no class of it.
    pub fn compute<'a>(
        &self,
        logits: &Tensor,
        targets: impl Into<ClassTargets<'a>>,
        reduction: Reduction,
    ) -> Result<Tensor, LossError> {
        match self {
            Self::CrossEntropy(settings) => cross_entropy(logits, targets, settings, reduction),
            Self::Focal(settings) => softmax_focal(logits, targets, settings, reduction),
        }
    }
}
