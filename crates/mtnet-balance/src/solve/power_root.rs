//! The positive solution of `G w = w^{-p}`, elementwise.
//!
//! It is the minimiser of the strictly convex `½ wᵀGw + Σ ψ(w_i)` with
//! `ψ' = −w^{-p}`, so it is unique, and exists unless some non-negative combination
//! of the gradients is zero. Newton steps in `ln w` (positive by construction) with
//! backtracking; variables are scaled so that the diagonal of the quadratic form
//! equals the weight of the barrier, which makes rows of any size alike for `p = 1`.

use super::SolveError;
use super::cholesky::Cholesky;
use crate::Gramian;
use crate::numeric::dot;

const MAX_STEPS: usize = 300;
/// Residual, relative to the terms of an equation, at which the search ends.
const GOAL: f64 = 1e-13;
/// Residual that is good enough when rounding lets nothing improve further.
const ENOUGH: f64 = 1e-8;
/// A logarithm of this size means that the solution is at infinity.
const FAR: f64 = 40.0;

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
    let problem = Scaled::new(gramian, &kept, power);
    let logarithms = problem.minimise()?;
    for ((&task, y), scale) in kept.iter().zip(&logarithms).zip(&problem.log_scales) {
        weights[task] = (y + scale).exp();
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

impl Scaled {
    fn new(gramian: &Gramian, kept: &[usize], power: f64) -> Self {
        let log_norms: Vec<f64> = kept.iter().map(|&i| gramian.norm(i).ln()).collect();
        let largest = crate::numeric::max(&log_norms);
        // w_i = (n_i²)^{-1/(1+p)} solves the equation of the diagonal alone.
        let log_scales: Vec<f64> = log_norms.iter().map(|n| -2.0 * n / (1.0 + power)).collect();
        // Barrier weights w_i^{1-p}, relative to that of the largest gradient.
        let barrier: Vec<f64> = log_norms
            .iter()
            .map(|n| (-2.0 * (n - largest) / (1.0 + power) * (1.0 - power)).exp())
            .collect();
        let mut matrix = Vec::with_capacity(kept.len() * kept.len());
        for (p, &i) in kept.iter().enumerate() {
            for (q, &j) in kept.iter().enumerate() {
                matrix.push(gramian.cosine(i, j) * (barrier[p] * barrier[q]).sqrt());
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

    fn row(&self, i: usize) -> &[f64] {
        &self.matrix[i * self.size()..(i + 1) * self.size()]
    }

    fn minimise(&self) -> Result<Vec<f64>, SolveError> {
        let sum: f64 = self.matrix.iter().sum();
        let start = self.barrier.iter().sum::<f64>() / sum;
        let start = if start > 0.0 {
            start.ln() / (1.0 + self.power)
        } else {
            0.0
        };
        let mut y = vec![start.clamp(-10.0, 10.0); self.size()];
        for _ in 0..MAX_STEPS {
            let beta: Vec<f64> = y.iter().map(|y| y.exp()).collect();
            let (gradient, residual) = self.gradient(&beta);
            if residual <= GOAL {
                return Ok(y);
            }
            let direction = self.newton_direction(&beta, &gradient);
            match self.search(&y, &gradient, &direction) {
                Some(next) => y = next,
                None if residual <= ENOUGH => return Ok(y),
                None => break,
            }
            if y.iter().any(|y| y.abs() > FAR) {
                return Err(SolveError(
                    "the gradients have a non-negative combination of zero, so the method's equation has no solution",
                ));
            }
        }
        Err(SolveError("the equation of the weights was not solved"))
    }

    /// Gradient by `ln β`, and the largest residual relative to its terms.
    fn gradient(&self, beta: &[f64]) -> (Vec<f64>, f64) {
        let mut worst = 0.0f64;
        let gradient = (0..self.size())
            .map(|i| {
                let pull = self.barrier[i] * beta[i].powf(1.0 - self.power);
                let value = beta[i] * dot(self.row(i), beta) - pull;
                let terms: f64 = self
                    .row(i)
                    .iter()
                    .zip(beta)
                    .map(|(k, b)| (k * b).abs())
                    .sum();
                worst = worst.max(value.abs() / (beta[i] * terms + pull));
                value
            })
            .collect();
        (gradient, worst)
    }

    /// Newton's direction without the term that vanishes at the solution: definite everywhere.
    fn newton_direction(&self, beta: &[f64], gradient: &[f64]) -> Vec<f64> {
        let size = self.size();
        let mut matrix = self.matrix.clone();
        for i in 0..size {
            for j in 0..size {
                matrix[i * size + j] *= beta[i] * beta[j];
            }
            matrix[i * size + i] += self.power * self.barrier[i] * beta[i].powf(1.0 - self.power);
        }
        let step = Cholesky::new(size, &matrix).solve(gradient);
        let longest = step
            .iter()
            .fold(1.0, |longest: f64, s| longest.max(s.abs() / 2.0));
        step.iter().map(|s| -s / longest).collect()
    }

    /// The first of ever shorter steps that lowers the objective, or the residual where
    /// the objective no longer tells.
    fn search(&self, y: &[f64], gradient: &[f64], direction: &[f64]) -> Option<Vec<f64>> {
        let slope = dot(gradient, direction);
        let before = self.objective(y);
        let residual = self
            .gradient(&y.iter().map(|y| y.exp()).collect::<Vec<_>>())
            .1;
        let mut step = 1.0;
        for _ in 0..40 {
            let next: Vec<f64> = y.iter().zip(direction).map(|(y, d)| y + step * d).collect();
            if self.objective(&next) <= before + 1e-4 * step * slope {
                return Some(next);
            }
            let beta: Vec<f64> = next.iter().map(|y| y.exp()).collect();
            if self.gradient(&beta).1 < 0.5 * residual && residual < 1e-4 {
                return Some(next);
            }
            step *= 0.5;
        }
        None
    }

    fn objective(&self, y: &[f64]) -> f64 {
        let beta: Vec<f64> = y.iter().map(|y| y.exp()).collect();
        let quadratic: f64 = (0..self.size())
            .map(|i| beta[i] * dot(self.row(i), &beta))
            .sum();
        let exponent = 1.0 - self.power;
        let barrier: f64 = self
            .barrier
            .iter()
            .zip(y)
            .map(|(t, y)| {
                // ψ(β) = (1 − β^{1−p}) / (1 − p), which tends to −ln β as p tends to 1.
                let psi = if exponent == 0.0 {
                    -y
                } else {
                    -(exponent * y).exp_m1() / exponent
                };
                t * psi
            })
            .sum();
        0.5 * quadratic + barrier
    }
}
