//! Focal loss over classes: cross-entropy that fades as the answer becomes right.
//!
//! `loss = -w_y · (1 - p_y)^γ · log p_y` with `p = softmax z`: Lin et al. 2017, §3
//! (<https://arxiv.org/abs/1708.02002>), carried from two to any number of classes; their `α_t`
//! is the weight `w_y`. The gradient also flows through the factor `(1 - p_y)^γ`:
//! `d loss / d log p_y = w_y · (γ (1 - p_y)^(γ - 1) p_y log p_y - (1 - p_y)^γ)`.

use candle_core::{Result, Tensor};

use crate::cross_entropy::negative_log_likelihood;
use crate::gradient::{attach_gradient, zero_loss};
use crate::numeric::{NormalisedLogits, as_matrix, constant, normalise};
use crate::settings::{check_gamma, check_weights_of};
use crate::{ClassTargets, LossError, Reduction};

/// Settings of [`softmax_focal`]; the default is `γ = 2` (the paper's) without weights.
#[derive(Clone, Debug, PartialEq)]
pub struct SoftmaxFocal {
    /// How fast the loss fades, at least 0; 0 is plain cross-entropy.
    pub gamma: f64,
    /// Weight of each class `(classes)`, at least 0; `None`: all 1.
    pub class_weights: Option<Vec<f64>>,
}

impl Default for SoftmaxFocal {
    fn default() -> Self {
        Self {
            gamma: 2.,
            class_weights: None,
        }
    }
}

/// Focal loss in nats of logits `(rows, classes)` against one class a row `(rows)`.
///
/// `Mean` is over the labelled rows, whatever their weights. `None`: `(rows)`, with 0 where the
/// label is missing.
///
/// # Errors
/// If `logits` is not a matrix of floats with a row a target, a target is no class of it, or a
/// setting is out of range.
pub fn softmax_focal<'a>(
    logits: &Tensor,
    targets: impl Into<ClassTargets<'a>>,
    settings: &SoftmaxFocal,
    reduction: Reduction,
) -> std::result::Result<Tensor, LossError> {
    let logits = as_matrix("logits", logits)?;
    let (rows, classes) = logits.dims2()?;
    check_gamma(settings.gamma)?;
    check_weights_of("class_weights", settings.class_weights.as_deref(), classes)?;
    let (selection, labels) = targets.into().select(rows, classes)?;
    if selection.is_empty() {
        return Ok(zero_loss(&logits, reduction, true)?);
    }
    let normalised = normalise(&selection.take(&logits)?)?;
    let mut losses = focus(&normalised, &labels, settings.gamma)?;
    if let Some(weights) = &settings.class_weights {
        let of_rows = labels.iter().map(|&label| weights[label as usize]);
        losses = losses.mul(&constant(of_rows, labels.len(), &losses)?)?;
    }
    Ok(selection.reduce(&losses, selection.len() as f64, reduction)?)
}

/// `-(1 - p_y)^γ log p_y` of each row `(rows)`.
fn focus(normalised: &NormalisedLogits, labels: &[u32], gamma: f64) -> Result<Tensor> {
    let surprise = negative_log_likelihood(normalised, labels)?;
    let known = surprise.detach();
    let right = known.neg()?.exp()?;
    let wrong = wrong_mass(normalised, labels)?;
    let factor = wrong.powf(gamma)?;
    // Where nothing is wrong the product with the surprise is 0, but below γ = 1 the power
    // alone is infinite.
    let slope = (wrong.maximum(TINY)?.powf(gamma - 1.)? * gamma)?;
    let gradient = slope.mul(&right)?.mul(&known)?.add(&factor)?;
    attach_gradient(&surprise, &factor.mul(&known)?, &gradient)
}

/// Below every probability that matters, and its powers above -1 stay finite in `f32`.
const TINY: f64 = 1e-30;

/// `1 - p_y` of each row `(rows)`, as the sum of the other classes' probabilities: the
/// difference itself would be rounding error where the answer is nearly right.
fn wrong_mass(normalised: &NormalisedLogits, labels: &[u32]) -> Result<Tensor> {
    let (rows, classes) = normalised.shifted.dims2()?;
    let others = labels
        .iter()
        .flat_map(|&label| (0..classes).map(move |class| f64::from(class != label as usize)));
    let others = constant(others, (rows, classes), &normalised.shifted)?;
    let unnormalised = normalised.shifted.detach().exp()?.mul(&others)?.sum(1)?;
    unnormalised.div(&normalised.log_normaliser.detach().squeeze(1)?.exp()?)
}
