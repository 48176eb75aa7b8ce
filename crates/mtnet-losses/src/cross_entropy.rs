//! Cross-entropy between a softmax over classes and what is the case.
//!
//! For a row with logits `z` and class `y`, weights `w` and smoothing `ε` over `k` classes:
//!
//! `loss = (1 - ε) · w_y · (lse z - z_y) + ε/k · Σ_c w_c · (lse z - z_c)`, `lse z = log Σ_c exp z_c`
//!
//! Label smoothing is that of Szegedy et al. 2016, §7 (<https://arxiv.org/abs/1512.00567>);
//! the weighted mean follows PyTorch: the sum over rows, divided by the sum of their `w_y`.

use candle_core::Tensor;

use crate::gradient::zero_loss;
use crate::numeric::{NormalisedLogits, as_matrix, constant, normalise};
use crate::settings::{check_label_smoothing, check_weights_of};
use crate::{ClassTargets, DenseTargets, LossError, Reduction};

/// Settings of [`cross_entropy`] and [`soft_cross_entropy`]; the default is neither weights nor
/// smoothing.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CrossEntropy {
    /// Weight of each class `(classes)`, at least 0; `None`: all 1.
    pub class_weights: Option<Vec<f64>>,
    /// Share of the target spread evenly over all classes, in `[0, 1)`.
    pub label_smoothing: f64,
}

impl CrossEntropy {
    fn check(&self, classes: usize) -> Result<(), LossError> {
        check_label_smoothing(self.label_smoothing)?;
        check_weights_of("class_weights", self.class_weights.as_deref(), classes)
    }

    fn weight(&self, class: usize) -> f64 {
        self.class_weights
            .as_ref()
            .map_or(1., |weights| weights[class])
    }
}

/// Cross-entropy in nats of logits `(rows, classes)` against one class a row `(rows)`.
///
/// `Mean`: the sum over labelled rows divided by the sum of their classes' weights, so by their
/// number without weights. `None`: `(rows)`, with 0 where the label is missing.
///
/// # Errors
/// If `logits` is not a matrix of floats with a row a target, a target is no class of it, or a
/// setting is out of range.
pub fn cross_entropy<'a>(
    logits: &Tensor,
    targets: impl Into<ClassTargets<'a>>,
    settings: &CrossEntropy,
    reduction: Reduction,
) -> Result<Tensor, LossError> {
    let logits = as_matrix("logits", logits)?;
    let (rows, classes) = logits.dims2()?;
    settings.check(classes)?;
    let (selection, labels) = targets.into().select(rows, classes)?;
    let row_weights = || labels.iter().map(|&label| settings.weight(label as usize));
    let divisor = row_weights().sum::<f64>();
    // A mean over rows that all weigh nothing is as undefined as one over no rows.
    if selection.is_empty() || (divisor == 0. && reduction == Reduction::Mean) {
        return Ok(zero_loss(&logits, reduction, true)?);
    }
    let logits = selection.take(&logits)?;
    let normalised = normalise(&logits)?;
    let mut losses = negative_log_likelihood(&normalised, &labels)?;
    if settings.class_weights.is_some() {
        losses = losses.mul(&constant(row_weights(), labels.len(), &logits)?)?;
    }
    if settings.label_smoothing > 0. {
        let spread = settings.label_smoothing;
        losses = ((losses * (1. - spread))?
            + (all_classes(&normalised, settings)? * (spread / classes as f64))?)?;
    }
    Ok(selection.reduce(&losses, divisor, reduction)?)
}

/// Cross-entropy in nats of logits `(rows, classes)` against class probabilities of that shape.
///
/// A row without any probability is missing and takes no part. Class weights multiply the
/// classes' terms but do not enter the divisor of `Mean`, which is the number of labelled rows
/// (PyTorch's convention). `None`: `(rows)`, with 0 where the row is missing.
///
/// # Errors
/// If `logits` is not a matrix of floats in the shape of `targets`, a row of these is no
/// distribution, or a setting is out of range.
pub fn soft_cross_entropy(
    logits: &Tensor,
    targets: &DenseTargets,
    settings: &CrossEntropy,
    reduction: Reduction,
) -> Result<Tensor, LossError> {
    let logits = as_matrix("logits", logits)?;
    let (_, classes) = logits.dims2()?;
    targets.check_shape("logits", logits.dims())?;
    settings.check(classes)?;
    let selection = targets.distributions()?;
    if selection.is_empty() {
        return Ok(zero_loss(&logits, reduction, true)?);
    }
    let spread = settings.label_smoothing;
    let coefficients: Vec<f64> = selection
        .places()
        .flat_map(|row| targets.row(row).iter().enumerate())
        .map(|(class, probability)| {
            settings.weight(class) * (probability * (1. - spread) + spread / classes as f64)
        })
        .collect();
    let logits = selection.take(&logits)?;
    let NormalisedLogits {
        shifted,
        log_normaliser,
    } = normalise(&logits)?;
    let surprise = shifted.broadcast_sub(&log_normaliser)?.neg()?;
    let coefficients = constant(coefficients.into_iter(), logits.shape(), &logits)?;
    let losses = surprise.mul(&coefficients)?.sum(1)?;
    Ok(selection.reduce(&losses, selection.len() as f64, reduction)?)
}

/// `lse z - z_y` of each row `(rows)`: what a fused kernel would compute in one pass.
pub(crate) fn negative_log_likelihood(
    normalised: &NormalisedLogits,
    labels: &[u32],
) -> candle_core::Result<Tensor> {
    let rows = labels.len();
    let labels = Tensor::from_slice(labels, (rows, 1), normalised.shifted.device())?;
    let picked = normalised.shifted.gather(&labels, 1)?;
    normalised.log_normaliser.sub(&picked)?.squeeze(1)
}

/// `Σ_c w_c (lse z - z_c)` of each row `(rows)`.
fn all_classes(
    normalised: &NormalisedLogits,
    settings: &CrossEntropy,
) -> candle_core::Result<Tensor> {
    let NormalisedLogits {
        shifted,
        log_normaliser,
    } = normalised;
    let (_, classes) = shifted.dims2()?;
    let (total, sums) = match &settings.class_weights {
        None => (classes as f64, shifted.sum_keepdim(1)?),
        Some(weights) => {
            let column = constant(weights.iter().copied(), (classes, 1), shifted)?;
            (weights.iter().sum(), shifted.matmul(&column)?)
        }
    };
    (log_normaliser * total)?.sub(&sums)?.squeeze(1)
}
