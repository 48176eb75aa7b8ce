//! Losses of predicted numbers, of the difference `d = prediction - target`.
//!
//! | loss | value | gradient |
//! |---|---|---|
//! | squared error | `d²` | `2 d` |
//! | absolute error | `\|d\|` | `sign d`, 0 at 0 |
//! | Huber (1964, "Robust Estimation of a Location Parameter") | `d²/2` up to `\|d\| = δ`, then `δ (\|d\| - δ/2)` | `d` clamped to `±δ` |
//! | smooth L1 (Girshick 2015, §2.3, <https://arxiv.org/abs/1504.08083>, there with `β = 1`) | `huber / β` with `δ = β` | |
//!
//! Predictions and targets are `(rows, columns)`, one column a quantity. `Mean` is over the
//! elements that have a target; `None` has the shape of the predictions, with 0 where a target
//! is missing.

use candle_core::{Result, Tensor};

use crate::elements::elementwise;
use crate::gradient::attach_gradient;
use crate::settings::{check_beta, check_delta};
use crate::{DenseTargets, LossError, Reduction};

/// Squared error of predictions `(rows, columns)`, in squared units of the targets.
///
/// # Errors
/// If `predictions` is not a matrix of floats in the shape of `targets`.
pub fn squared_error(
    predictions: &Tensor,
    targets: &DenseTargets,
    reduction: Reduction,
) -> std::result::Result<Tensor, LossError> {
    differences(predictions, targets, reduction, Tensor::sqr)
}

/// Absolute error (L1) of predictions `(rows, columns)`, in units of the targets.
///
/// # Errors
/// If `predictions` is not a matrix of floats in the shape of `targets`.
pub fn absolute_error(
    predictions: &Tensor,
    targets: &DenseTargets,
    reduction: Reduction,
) -> std::result::Result<Tensor, LossError> {
    differences(predictions, targets, reduction, absolute)
}

/// Huber loss of predictions `(rows, columns)`: squared up to a difference of `delta`, straight
/// beyond, in squared units of the targets.
///
/// # Errors
/// If `predictions` is not a matrix of floats in the shape of `targets`, or `delta` is not above 0.
pub fn huber(
    predictions: &Tensor,
    targets: &DenseTargets,
    delta: f64,
    reduction: Reduction,
) -> std::result::Result<Tensor, LossError> {
    check_delta(delta)?;
    differences(predictions, targets, reduction, |difference| {
        squared_then_straight(difference, delta)
    })
}

/// Smooth L1 loss of predictions `(rows, columns)`: squared up to a difference of `beta`, the
/// absolute error less `beta / 2` beyond, in units of the targets. `beta` 0 is the absolute error.
///
/// # Errors
/// If `predictions` is not a matrix of floats in the shape of `targets`, or `beta` is below 0.
pub fn smooth_l1(
    predictions: &Tensor,
    targets: &DenseTargets,
    beta: f64,
    reduction: Reduction,
) -> std::result::Result<Tensor, LossError> {
    check_beta(beta)?;
    differences(predictions, targets, reduction, |difference| {
        if beta == 0. {
            absolute(difference)
        } else {
            squared_then_straight(difference, beta)? / beta
        }
    })
}

fn differences(
    predictions: &Tensor,
    targets: &DenseTargets,
    reduction: Reduction,
    loss: impl FnOnce(&Tensor) -> Result<Tensor>,
) -> std::result::Result<Tensor, LossError> {
    elementwise("predictions", predictions, targets, reduction, |elements| {
        loss(&elements.predictions.sub(&elements.targets()?)?)
    })
}

/// `|d|`; candle's own derivative is 1 at 0, where a right answer should not move.
fn absolute(difference: &Tensor) -> Result<Tensor> {
    let known = difference.detach();
    attach_gradient(difference, &known.abs()?, &known.sign()?)
}

/// With `c = min(|d|, delta)`, both pieces are `c · (|d| - c / 2)`.
fn squared_then_straight(difference: &Tensor, delta: f64) -> Result<Tensor> {
    let known = difference.detach();
    let size = known.abs()?;
    let capped = size.minimum(delta)?;
    let value = size.sub(&(&capped / 2.)?)?.mul(&capped)?;
    attach_gradient(difference, &value, &known.clamp(-delta, delta)?)
}
