//! The positive solution of `G w = w^{-p}`, elementwise.
//!
//! It is the minimiser of the strictly convex `½ wᵀGw + Σ ψ(w_i)` with
//! `ψ' = −w^{-p}`, so it is unique, and exists unless some non-negative combination
//! of the gradients is zero, which is asked first. Newton's method with a line search
//! (Boyd and Vandenberghe, "Convex Optimization", §9.5); variables are scaled so that the
//! diagonal of the quadratic form equals the weight of the barrier, which makes rows of any
//! size alike for `p = 1`.

use super::cholesky::Cholesky;
use super::{SolveError, min_norm};
use crate::Gramian;
use crate::numeric::dot;

const MAX_STEPS: usize = 200;
/// Relative changes of the weights below this are squared by the next step.
const GOAL: f64 = 1e-9;
/// Relative changes up to this are taken whole: the slope may be all rounding by then.
const NEAR: f64 = 0.25;
/// Residual, relative to the terms of an equation, that will do once rounding lets the
/// changes become no smaller.
const ENOUGH: f64 = 1e-8;
/// Steps without smaller changes after which that is so.
const PATIENCE: usize = 4;
/// Squared least norm in the hull of the unit gradients that rounding makes of zero.
const CANCELLED: f64 = 1e-13;
/// The part of its slope that a line search leaves.
const FLATNESS: f64 = 0.1;

/// Solves `G w = w^{-p}` for `w > 0`; a zero row has no equation and the weight 0.
///
/// # Errors
/// If there is no solution (the gradients have a non-negative combination of zero),
/// or it is too far out to be told from none.
pub(crate) fn power_root(gramian: &Gramian, power: f64) -> Result<Vec<f64>, SolveError> {
    let kept: Vec<usize> = (0..gramian.size())
        .filter(|&i| gramian.get(i, i) > 0.0)
        .collect();
    let mut weights = vec![0.0; gramian.size()];
    if kept.is_empty() {
        return Ok(weights);
    }
    let cosines = gramian.selected(&kept).cosines();
    let least = cosines.length(&min_norm(&cosines)?);
    if least * least <= CANCELLED {
        return Err(SolveError(
            "the gradients have a non-negative combination of zero, so the method's equation has no solution",
        ));
    }
    let problem = Scaled::new(gramian, &cosines, &kept, power);
    let solution = problem.minimise()?;
    for ((&task, beta), scale) in kept.iter().zip(&solution).zip(&problem.log_scales) {
        weights[task] = (beta.ln() + scale).exp();
    }
    Ok(weights)
}

/// `min ½ βᵀKβ + Σ t_i ψ(β_i)` with `K_ii = t_i` and `w_i = β_i e^{log_scale_i}`.
struct Scaled {
    power: f64,
    matrix: Vec<f64>,
    barrier: Vec<f64>,
    log_scales: Vec<f64>,
}

/// Where the search stands.
struct Point {
    beta: Vec<f64>,
    /// `Kβ`.
    products: Vec<f64>,
}

impl Scaled {
    fn new(gramian: &Gramian, cosines: &Gramian, kept: &[usize], power: f64) -> Self {
        let log_norms: Vec<f64> = kept.iter().map(|&i| gramian.norm(i).ln()).collect();
        let largest = crate::numeric::max(&log_norms);
        // w_i = (n_i²)^{-1/(1+p)} solves the equation of the diagonal alone.
        let log_scales = log_norms.iter().map(|n| -2.0 * n / (1.0 + power)).collect();
        // Barrier weights w_i^{1-p}, relative to that of the largest gradient.
        let barrier: Vec<f64> = log_norms
            .iter()
            .map(|n| (-2.0 * (n - largest) / (1.0 + power) * (1.0 - power)).exp())
            .collect();
        let mut matrix = cosines.values().to_vec();
        for (row, own) in matrix.chunks_mut(kept.len()).zip(&barrier) {
            for (entry, other) in row.iter_mut().zip(&barrier) {
                *entry *= (own * other).sqrt();
            }
        }
        Self {
            power,
            matrix,
            barrier,
            log_scales,
        }
    }

    fn size(&self) -> usize {
        self.barrier.len()
    }

    fn minimise(&self) -> Result<Vec<f64>, SolveError> {
        let mut point = self.start();
        let mut smallest = f64::INFINITY;
        let mut patience = PATIENCE;
        let mut factor = Cholesky::empty(self.size());
        for _ in 0..MAX_STEPS {
            let change = self.newton_change(&point, &mut factor);
            let largest = change.iter().fold(0.0, |most: f64, c| most.max(c.abs()));
            if !largest.is_finite() {
                break;
            }
            let step = if largest <= NEAR {
                1.0
            } else {
                self.line_search(&point, &change)
            };
            for (beta, c) in point.beta.iter_mut().zip(&change) {
                *beta *= 1.0 + step * c;
            }
            point = self.point(point.beta);
            if largest <= GOAL {
                return Ok(point.beta);
            }
            if largest < smallest {
                smallest = largest;
                patience = PATIENCE;
            } else {
                patience -= 1;
            }
            if patience == 0 {
                if self.residual(&point) <= ENOUGH {
                    return Ok(point.beta);
                }
                patience = PATIENCE;
            }
        }
        Err(SolveError("the equation of the weights was not solved"))
    }

    /// All `β` alike, and as large as suits their sum.
    fn start(&self) -> Point {
        let sum: f64 = self.matrix.iter().sum();
        let ratio = self.barrier.iter().sum::<f64>() / sum;
        let alike = if ratio > 0.0 {
            ratio.powf(1.0 / (1.0 + self.power)).clamp(1e-4, 1e4)
        } else {
            1.0
        };
        self.point(vec![alike; self.size()])
    }

    fn point(&self, beta: Vec<f64>) -> Point {
        let rows = self.matrix.chunks(self.size());
        let products = rows.map(|row| dot(row, &beta)).collect();
        Point { beta, products }
    }

    /// `t_i β_i^{1−p}`: the part of an equation times `β_i` that the barrier makes.
    fn pull(&self, barrier: f64, beta: f64) -> f64 {
        if self.power == 1.0 {
            barrier
        } else {
            barrier * beta.powf(1.0 - self.power)
        }
    }

    /// Newton's step, relative to `β`.
    fn newton_change(&self, point: &Point, factor: &mut Cholesky) -> Vec<f64> {
        let size = self.size();
        let mut change = Vec::with_capacity(size);
        let mut row = Vec::with_capacity(size);
        factor.truncate(0);
        for (i, (&own, &barrier)) in point.beta.iter().zip(&self.barrier).enumerate() {
            let pull = self.pull(barrier, own);
            row.clear();
            let entries = &self.matrix[i * size..=i * size + i];
            row.extend(
                entries
                    .iter()
                    .zip(&point.beta)
                    .map(|(k, other)| k * own * other),
            );
            row[i] += self.power * pull;
            factor.push(&row);
            change.push(pull - own * point.products[i]);
        }
        factor.solve(&mut change);
        change
    }

    /// The largest residual of an equation relative to its terms.
    fn residual(&self, point: &Point) -> f64 {
        let rows = self.matrix.chunks(self.size());
        let mut worst = 0.0f64;
        for (i, row) in rows.enumerate() {
            let pull = self.pull(self.barrier[i], point.beta[i]);
            let terms: f64 = row
                .iter()
                .zip(&point.beta)
                .map(|(k, b)| (k * b).abs())
                .sum();
            let value = point.beta[i] * point.products[i] - pull;
            worst = worst.max(value.abs() / (point.beta[i] * terms + pull));
        }
        worst
    }

    /// How far to go along a relative change until the objective has nearly stopped falling.
    fn line_search(&self, point: &Point, change: &[f64]) -> f64 {
        let pairs = change.iter().zip(&point.beta);
        let direction = self.point(pairs.map(|(c, b)| c * b).collect());
        let linear = dot(&direction.beta, &point.products);
        let square = dot(&direction.beta, &direction.products);
        // Slope of the objective and its derivative after `step`.
        let slope = |step: f64| {
            let mut slope = linear + step * square;
            let mut rise = square;
            for ((c, beta), barrier) in change.iter().zip(&point.beta).zip(&self.barrier) {
                let moved = 1.0 + step * c;
                let pull = self.pull(*barrier, beta * moved) / moved;
                slope -= c * pull;
                rise += self.power * c * c * pull / moved;
            }
            (slope, rise)
        };
        // Weights stay positive up to the step at which the first would be 0.
        let shrinking = change.iter().filter(|c| **c < 0.0);
        let end = shrinking.map(|c| -c.recip()).fold(f64::INFINITY, f64::min);
        flat_step(slope, end)
    }
}

/// A step in `0..end` at which a rising slope, negative at 0, has nearly come to zero.
///
/// Newton's method, kept within the bracket that is known so far.
fn flat_step(slope: impl Fn(f64) -> (f64, f64), end: f64) -> f64 {
    let goal = FLATNESS * slope(0.0).0.abs();
    let (mut low, mut high) = (0.0, end);
    let mut step = if end > 1.0 { 1.0 } else { 0.9 * end };
    for _ in 0..30 {
        let (value, rise) = slope(step);
        if value.abs() <= goal {
            break;
        }
        if value < 0.0 {
            low = step;
        } else {
            high = step;
        }
        let next = step - value / rise;
        step = if next > low && next < high {
            next
        } else if high.is_finite() {
            0.5 * (low + high)
        } else {
            4.0 * step
        };
    }
    step
}
