//! Small numerical helpers that several methods share.

/// The largest value, `-inf` of none.
pub(crate) fn max(values: &[f64]) -> f64 {
    values.iter().copied().fold(f64::NEG_INFINITY, f64::max)
}

/// `e^{x_i} / Σ e^{x_j}`, with the largest subtracted first.
pub(crate) fn softmax(values: &[f64]) -> Vec<f64> {
    let largest = max(values);
    let mut result: Vec<f64> = values.iter().map(|value| (value - largest).exp()).collect();
    let sum: f64 = result.iter().sum();
    for value in &mut result {
        *value /= sum;
    }
    result
}

/// `ln Σ e^{x_i}`, with the largest subtracted first.
pub(crate) fn log_sum_exp(values: &[f64]) -> f64 {
    let largest = max(values);
    largest
        + values
            .iter()
            .map(|value| (value - largest).exp())
            .sum::<f64>()
            .ln()
}

/// `Σ a_i b_i`.
pub(crate) fn dot(left: &[f64], right: &[f64]) -> f64 {
    left.iter().zip(right).map(|(a, b)| a * b).sum()
}

/// Euclidean length.
pub(crate) fn norm(values: &[f64]) -> f64 {
    dot(values, values).sqrt()
}
