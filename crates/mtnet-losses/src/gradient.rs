//! Gradients given in closed form, with plain operations.
//!
//! Differentiating step by step is wrong where a loss has a corner or a quotient of two
//! vanishing numbers (`|x|` at 0, `(1 - p)^γ` at `p = 1`), and inexact where large terms
//! cancel. There the value and the gradient `g` are both computed outside the graph and joined as
//! `value + (x - detach(x)) · g`: the second term is exactly zero and has gradient `g`.

use candle_core::{DType, Result, Tensor};

use crate::Reduction;

/// `value`, whose gradient with respect to `input` is `gradient`; all of one shape.
///
/// Exact for every finite `input`; one that is not finite makes the value NaN.
pub(crate) fn attach_gradient(input: &Tensor, value: &Tensor, gradient: &Tensor) -> Result<Tensor> {
    gradient_only(input, gradient)?.add(value)
}

/// Zeros in the shape of `input`, whose gradient with respect to it is `gradient`.
pub(crate) fn gradient_only(input: &Tensor, gradient: &Tensor) -> Result<Tensor> {
    input.sub(&input.detach())?.mul(gradient)
}

/// The loss of predictions `(rows, columns)` of which none is labelled: zero with gradient zero,
/// whatever the predictions hold. `per_row` says whether a single loss is a row's or an element's.
pub(crate) fn zero_loss(
    predictions: &Tensor,
    reduction: Reduction,
    per_row: bool,
) -> Result<Tensor> {
    let (rows, columns) = predictions.dims2()?;
    let (dtype, device) = (predictions.dtype(), predictions.device());
    if rows * columns == 0 {
        return match (reduction, per_row) {
            (Reduction::None, true) => Tensor::zeros(rows, dtype, device),
            (Reduction::None, false) => Tensor::zeros((rows, columns), dtype, device),
            (Reduction::Mean | Reduction::Sum, _) => Tensor::zeros((), dtype, device),
        };
    }
    // Not a product with zero: that would turn an infinite prediction into NaN.
    let never = Tensor::zeros((rows, columns), DType::U8, device)?;
    let zeros = never.where_cond(predictions, &predictions.zeros_like()?)?;
    match (reduction, per_row) {
        (Reduction::None, true) => zeros.sum(1),
        (Reduction::None, false) => Ok(zeros),
        (Reduction::Mean | Reduction::Sum, _) => zeros.sum_all(),
    }
}
