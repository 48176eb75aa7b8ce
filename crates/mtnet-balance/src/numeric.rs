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

/// `Σ a_i b_i`, in an order that depends on the length alone.
pub(crate) fn dot(left: &[f64], right: &[f64]) -> f64 {
    if left.len() < 64 {
        dot_in_lanes::<4>(left, right)
    } else {
        dot_in_lanes::<8>(left, right)
    }
}

/// Several sums side by side, because a single one would wait for each addition to end.
fn dot_in_lanes<const LANES: usize>(left: &[f64], right: &[f64]) -> f64 {
    debug_assert_eq!(left.len(), right.len());
    let (left, left_rest) = left.as_chunks::<LANES>();
    let (right, right_rest) = right.as_chunks::<LANES>();
    let mut sums = [0.0; LANES];
    for (a, b) in left.iter().zip(right) {
        for ((sum, a), b) in sums.iter_mut().zip(a).zip(b) {
            *sum += a * b;
        }
    }
    let rest: f64 = left_rest.iter().zip(right_rest).map(|(a, b)| a * b).sum();
    sums.iter().sum::<f64>() + rest
}

/// Euclidean length.
pub(crate) fn norm(values: &[f64]) -> f64 {
    dot(values, values).sqrt()
}
