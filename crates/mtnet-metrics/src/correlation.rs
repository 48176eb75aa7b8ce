//! Correlations of truth and prediction.
//!
//! ```text
//! Pearson's r = Σ (xᵢ − x̄)(yᵢ − ȳ) / √(Σ (xᵢ − x̄)² Σ (yᵢ − ȳ)²)
//! Spearman's ρ = r of the ranks, ties sharing their mean rank
//! Kendall's τ_b = (C − D) / √((n₀ − n₁)(n₀ − n₂))
//! ```
//!
//! with `C` concordant and `D` discordant of `n₀ = n(n − 1)/2` pairs, of which `n₁` are tied in
//! the one and `n₂` in the other list. Pearson 1895; Spearman 1904; Kendall 1945, *The treatment
//! of ties in ranking problems*, counted in `n log n` after Knight 1966. Each is NaN where a list
//! is constant or has a single value, or where a value is not a number (scipy raises for a single
//! value in `pearsonr`).

use crate::MetricError;
use crate::ranks::{average_ranks, comparable, sort_counting_inversions};
use crate::regression::{check, is_constant, mean};

/// Pearson's correlation, from −1 to 1.
///
/// # Errors
/// If there are no values, or the lists differ in length.
pub fn pearson(truth: &[f64], predicted: &[f64]) -> Result<f64, MetricError> {
    check(truth, predicted)?;
    Ok(linear(truth, predicted))
}

/// Spearman's rank correlation, from −1 to 1.
///
/// # Errors
/// As [`pearson`].
pub fn spearman(truth: &[f64], predicted: &[f64]) -> Result<f64, MetricError> {
    check(truth, predicted)?;
    if has_nan(truth) || has_nan(predicted) {
        return Ok(f64::NAN);
    }
    Ok(linear(&average_ranks(truth), &average_ranks(predicted)))
}

/// Kendall's rank correlation τ_b, from −1 to 1.
///
/// # Errors
/// As [`pearson`].
pub fn kendall_tau_b(truth: &[f64], predicted: &[f64]) -> Result<f64, MetricError> {
    check(truth, predicted)?;
    if has_nan(truth) || has_nan(predicted) {
        return Ok(f64::NAN);
    }
    let mut pairs: Vec<(f64, f64)> = comparable(truth)
        .into_iter()
        .zip(comparable(predicted))
        .collect();
    pairs.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1)));
    let tied_in_truth = tied_pairs(&pairs, |a, b| a.0 == b.0);
    let tied_in_both = tied_pairs(&pairs, |a, b| a == b);
    // Within a tie of the truth, predictions rise: what is left to fall is discordant.
    let mut predicted: Vec<f64> = pairs.iter().map(|pair| pair.1).collect();
    let discordant = sort_counting_inversions(&mut predicted) as f64;
    let tied_in_prediction = tied_pairs(&predicted, |a, b| a == b);

    let all = all_pairs(pairs.len());
    let concordant = all - tied_in_truth - tied_in_prediction + tied_in_both - discordant;
    // 0 / 0, the case of a constant list, is NaN. Two roots, since the product could overflow
    // what a float holds exactly.
    let scale = (all - tied_in_truth).sqrt() * (all - tied_in_prediction).sqrt();
    Ok(((concordant - discordant) / scale).clamp(-1.0, 1.0))
}

fn linear(x: &[f64], y: &[f64]) -> f64 {
    if is_constant(x) || is_constant(y) {
        return f64::NAN;
    }
    let (center_x, center_y) = (mean(x.iter().copied()), mean(y.iter().copied()));
    let (mut xx, mut yy, mut xy) = (0.0, 0.0, 0.0);
    for (x, y) in x.iter().zip(y) {
        let (x, y) = (x - center_x, y - center_y);
        xx += x * x;
        yy += y * y;
        xy += x * y;
    }
    (xy / (xx.sqrt() * yy.sqrt())).clamp(-1.0, 1.0)
}

fn has_nan(values: &[f64]) -> bool {
    values.iter().any(|value| value.is_nan())
}

fn all_pairs(count: usize) -> f64 {
    let count = count as f64;
    count * (count - 1.0) / 2.0
}

/// How many pairs of a sorted list are tied.
fn tied_pairs<T>(sorted: &[T], is_tie: impl Fn(&T, &T) -> bool) -> f64 {
    sorted
        .chunk_by(is_tie)
        .map(|tied| all_pairs(tied.len()))
        .sum()
}
