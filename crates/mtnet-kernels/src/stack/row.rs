//! What is done to a single row between two products.

use crate::dropout::Mask;
use crate::isa::{lane_sum, vectorized};
use crate::linear::add_to;

/// `row = normalise(mask · (row + bias) + residual)`; gives one over the standard deviation.
///
/// `start` is the row's first element in the numbering of the mask.
pub(super) fn residual_norm(
    row: &mut [f32],
    bias: &[f32],
    mask: Option<Mask>,
    start: usize,
    residual: &[f32],
    eps: f32,
) -> f32 {
    match mask {
        None => add_both(row, bias, residual),
        Some(mask) => {
            add_to(row, bias);
            mask.apply(start, row);
            add_to(row, residual);
        }
    }
    normalise(row, eps)
}

vectorized! {
    fn add_both(row: &mut [f32], a: &[f32], b: &[f32]) {
        for ((row, &a), &b) in row.iter_mut().zip(a).zip(b) {
            *row = *row + a + b;
        }
    }
}

vectorized! {
    /// `row = (row - mean) / sd`; gives `1 / sd`.
    pub(super) fn normalise(row: &mut [f32], eps: f32) -> f32 {
        let count = row.len() as f32;
        let mean = lane_sum(row.len(), |i| row[i]) / count;
        let variance = lane_sum(row.len(), |i| (row[i] - mean) * (row[i] - mean)) / count;
        let inverse = 1.0 / (variance + eps).sqrt();
        for value in row.iter_mut() {
            *value = (*value - mean) * inverse;
        }
        inverse
    }
}

vectorized! {
    /// `out = row · weight + bias`, number by number.
    pub(super) fn scale_shift(row: &[f32], weight: &[f32], bias: &[f32], out: &mut [f32]) {
        for (((out, &row), &weight), &bias) in out.iter_mut().zip(row).zip(weight).zip(bias) {
            *out = row * weight + bias;
        }
    }
}

vectorized! {
    /// `row = row · weight + bias`, number by number.
    pub(super) fn scale_shift_in_place(row: &mut [f32], weight: &[f32], bias: &[f32]) {
        for ((row, &weight), &bias) in row.iter_mut().zip(weight).zip(bias) {
            *row = *row * weight + bias;
        }
    }
}

vectorized! {
    /// Backward of `normalised · weight + bias` and of the normalisation: `slope` becomes that of
    /// the row before it, and `sums`, two rows, gain the gradients of `weight` and `bias`.
    pub(super) fn norm_backward(
        normalised: &[f32],
        inverse: f32,
        weight: &[f32],
        slope: &mut [f32],
        sums: &mut [f32],
    ) {
        let width = weight.len();
        let (normalised, slope) = (&normalised[..width], &mut slope[..width]);
        let (weight_sum, bias_sum) = sums.split_at_mut(width);
        let bias_sum = &mut bias_sum[..width];
        let mean = lane_sum(width, |i| slope[i] * weight[i]) / width as f32;
        let along = lane_sum(width, |i| slope[i] * weight[i] * normalised[i]) / width as f32;
        for i in 0..width {
            let (dy, n) = (slope[i], normalised[i]);
            slope[i] = (dy * weight[i] - mean - n * along) * inverse;
            weight_sum[i] += dy * n;
            bias_sum[i] += dy;
        }
    }
}

vectorized! {
    /// `row = row · factors`, and `sum` gains the row.
    pub(super) fn multiply_and_add(row: &mut [f32], factors: &[f32], sum: &mut [f32]) {
        for ((row, &factor), sum) in row.iter_mut().zip(factors).zip(sum) {
            *row *= factor;
            *sum += *row;
        }
    }
}

vectorized! {
    /// Whether a number of the row is not 0.
    pub(super) fn any_set(row: &[f32]) -> bool {
        row.chunks(64).any(|part| part.iter().fold(false, |any, &x| any | (x != 0.0)))
    }
}
