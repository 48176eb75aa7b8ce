//! Binary cross-entropy of independent labels, from logits.
//!
//! For a logit `x`, a target `y` in `[0, 1]` and the weight `w` of the label's positives:
//!
//! `loss = (1 - y) · softplus(x) + w · y · softplus(-x)`, gradient `(1 - y) · σ(x) - w · y · σ(-x)`
//!
//! with `softplus(x) = max(x, 0) + log1p(exp(-|x|))`. For `w = 1` the sum is
//! `max(x, 0) - x·y + log1p(exp(-|x|))`; here no two large terms cancel, so a nearly right
//! answer keeps its small loss and its small gradient.

use candle_core::Tensor;
use candle_nn::ops::sigmoid;

use crate::elements::elementwise;
use crate::gradient::attach_gradient;
use crate::numeric::softplus_pair;
use crate::settings::check_weights_of;
use crate::{DenseTargets, LossError, Reduction};

/// Settings of [`binary_cross_entropy_with_logits`]; the default is no weights.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct BinaryCrossEntropy {
    /// Weight of the positives of each label `(labels)`, at least 0; `None`: all 1.
    pub positive_weights: Option<Vec<f64>>,
}

/// Binary cross-entropy in nats of logits `(rows, labels)` against targets in `[0, 1]` of that
/// shape.
///
/// `Mean` is over the labelled elements, whatever their weights. `None`: `(rows, labels)`, with 0
/// where the target is missing.
///
/// # Errors
/// If `logits` is not a matrix of floats in the shape of `targets`, one of these is outside
/// `[0, 1]`, or the weights are not one a label.
pub fn binary_cross_entropy_with_logits(
    logits: &Tensor,
    targets: &DenseTargets,
    settings: &BinaryCrossEntropy,
    reduction: Reduction,
) -> Result<Tensor, LossError> {
    let weights = settings.positive_weights.as_deref();
    check_weights_of("positive_weights", weights, targets.columns())?;
    targets.check(
        |target| (0. ..=1.).contains(&target),
        "a number from 0 to 1",
    )?;
    elementwise("logits", logits, targets, reduction, |elements| {
        let negative = elements.coefficients(|target, _| 1. - target)?;
        let positive = elements.coefficients(|target, column| {
            target * weights.map_or(1., |weights| weights[column])
        })?;
        let logits = elements.predictions.detach();
        let (if_negative, if_positive) = softplus_pair(&logits)?;
        let value = (negative.mul(&if_negative)? + positive.mul(&if_positive)?)?;
        let gradient =
            (negative.mul(&sigmoid(&logits)?)? - positive.mul(&sigmoid(&logits.neg()?)?)?)?;
        attach_gradient(&elements.predictions, &value, &gradient)
    })
}
