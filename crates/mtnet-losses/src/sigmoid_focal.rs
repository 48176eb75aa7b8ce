//! Focal loss over independent labels.
//!
//! `loss = α_t · (1 - p_t)^γ · -log p_t`, where `p_t = σ(x)` and `α_t = α` for a label that
//! holds, `p_t = σ(-x)` and `α_t = 1 - α` for one that does not: Lin et al. 2017, §3.2
//! (<https://arxiv.org/abs/1708.02002>). With `x_t = ±x`, so that `p_t = σ(x_t)`,
//! `d loss / d x_t = -α_t · (1 - p_t)^γ · (1 - p_t - γ p_t log p_t)` (their appendix B).

use candle_core::Tensor;
use candle_nn::ops::sigmoid;

use crate::elements::elementwise;
use crate::gradient::attach_gradient;
use crate::numeric::softplus_pair;
use crate::settings::{check_alpha, check_gamma};
use crate::{DenseTargets, LossError, Reduction};

/// Settings of [`sigmoid_focal`]; the default is the paper's best, `α = 0.25` and `γ = 2`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SigmoidFocal {
    /// How fast the loss fades as the answer becomes right, at least 0.
    pub gamma: f64,
    /// Weight of a label that holds, in `[0, 1]`; one that does not has `1 - alpha`. `None`: both
    /// have 1.
    pub alpha: Option<f64>,
}

impl Default for SigmoidFocal {
    fn default() -> Self {
        Self {
            gamma: 2.,
            alpha: Some(0.25),
        }
    }
}

/// Focal loss in nats of logits `(rows, labels)` against targets of 0 or 1 in that shape.
///
/// `Mean` is over the labelled elements. `None`: `(rows, labels)`, with 0 where the target is
/// missing.
///
/// # Errors
/// If `logits` is not a matrix of floats in the shape of `targets`, one of these is neither 0
/// nor 1, or a setting is out of range.
pub fn sigmoid_focal(
    logits: &Tensor,
    targets: &DenseTargets,
    settings: &SigmoidFocal,
    reduction: Reduction,
) -> Result<Tensor, LossError> {
    check_gamma(settings.gamma)?;
    settings.alpha.map_or(Ok(()), check_alpha)?;
    targets.check(|target| target == 0. || target == 1., "0 or 1")?;
    elementwise("logits", logits, targets, reduction, |elements| {
        let sign = elements.coefficients(|target, _| 2. * target - 1.)?;
        let weight = elements.coefficients(|target, _| match settings.alpha {
            None => 1.,
            Some(alpha) if target == 1. => alpha,
            Some(alpha) => 1. - alpha,
        })?;
        let towards = elements.predictions.mul(&sign)?;
        let (_, surprise) = softplus_pair(&towards)?;
        let known = towards.detach();
        let (right, wrong) = (sigmoid(&known)?, sigmoid(&known.neg()?)?);
        let factor = wrong.powf(settings.gamma)?.mul(&weight)?;
        let slope = (right.mul(&surprise)? * settings.gamma)?.add(&wrong)?;
        let gradient = factor.mul(&slope)?.neg()?;
        attach_gradient(&towards, &factor.mul(&surprise)?, &gradient)
    })
}
