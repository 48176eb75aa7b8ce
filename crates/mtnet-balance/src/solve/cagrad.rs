//! The inner problem of CAGrad: `min_w g_wᵀ g_0 + c ‖g_0‖ ‖g_w‖` over the simplex.
//!
//! Since `‖g_w‖ = min_t (‖g_w‖² / t + t) / 2`, the problem is jointly convex in `w`
//! and `t`; for a given `t` it is a quadratic program, and the derivative by `t` at
//! its solution, `1 − ‖g_w‖² / t²` up to a factor, rises with `t`. Its root lies
//! between the least norm in the convex hull and the largest gradient; it is found
//! in `ln t` by the Illinois variant of false position (Dowell and Jarratt, BIT 1971).

use super::{QuadraticProgram, SolveError, min_norm};
use crate::Gramian;

/// Norms of `g_w` below this, relative to the largest gradient, count as zero.
const VANISHING: f64 = 1e-9;

/// Squared norms below this, relative to the largest, do not bear on the direction.
const LEAST_SCALE: f64 = 1e-24;

/// Where the inner problem of CAGrad has its minimum.
pub(crate) enum CagradSolution {
    /// At these weights on the simplex, with this `‖g_w‖ > 0`.
    Weights(Vec<f64>, f64),
    /// At `g_w = 0`: no direction in the ball helps every task.
    Stationary,
}

impl CagradSolution {
    fn at(weights: Vec<f64>, norm: f64, largest: f64) -> Self {
        if norm <= VANISHING * largest {
            Self::Stationary
        } else {
            Self::Weights(weights, norm)
        }
    }
}

/// Solves the problem for `g_0 = Σ mean_i g_i` and the radius `c ‖g_0‖`.
pub(crate) fn conflict_averse(
    gramian: &Gramian,
    mean: &[f64],
    radius: f64,
) -> Result<CagradSolution, SolveError> {
    let size = gramian.size();
    let largest = (0..size).map(|i| gramian.norm(i)).fold(0.0, f64::max);
    let slopes: Vec<f64> = gramian.multiply(mean).iter().map(|value| -value).collect();
    let at = |t: f64| -> Result<(Vec<f64>, f64), SolveError> {
        let hessian: Vec<f64> = gramian.values().iter().map(|g| g * (radius / t)).collect();
        let weights = QuadraticProgram::simplex(&hessian, &slopes, LEAST_SCALE).solve()?;
        let norm = gramian.length(&weights);
        Ok((weights, norm))
    };
    let least = gramian.length(&min_norm(gramian)?);
    let lowest = least.max(VANISHING * largest);
    // The excess ln ‖g_w‖ − ln t falls from above 0 to below 0 between the two ends.
    let excess = |norm: f64, t: f64| (norm.max(f64::MIN_POSITIVE) / t).ln();
    let (mut low, mut high) = (lowest.ln(), largest.ln());
    let (weights, norm) = at(lowest)?;
    let mut low_excess = excess(norm, lowest);
    if low_excess <= 0.0 {
        return Ok(CagradSolution::at(weights, norm, largest));
    }
    let (weights, norm) = at(largest)?;
    let mut high_excess = excess(norm, largest);
    let mut best = (weights, norm);
    if high_excess >= -1e-14 {
        return Ok(CagradSolution::at(best.0, best.1, largest));
    }
    let mut side = 0;
    for _ in 0..200 {
        if high - low <= 1e-14 * (1.0 + high.abs()) {
            break;
        }
        let middle = (low * high_excess - high * low_excess) / (high_excess - low_excess);
        let middle = if middle > low && middle < high {
            middle
        } else {
            0.5 * (low + high)
        };
        let t = middle.exp();
        best = at(t)?;
        let value = excess(best.1, t);
        if value.abs() <= 1e-14 {
            break;
        }
        if value > 0.0 {
            (low, low_excess) = (middle, value);
            if side == 1 {
                high_excess *= 0.5;
            }
            side = 1;
        } else {
            (high, high_excess) = (middle, value);
            if side == -1 {
                low_excess *= 0.5;
            }
            side = -1;
        }
    }
    Ok(CagradSolution::at(best.0, best.1, largest))
}
