//! Quadratic programs over the non-negative orthant, or the part of it on a plane.
//!
//! `min ½ xᵀHx − fᵀx` over `x ≥ 0`, with `aᵀx = 1` on request, `H` positive
//! semi-definite. The active-set method of Lawson and Hanson, "Solving Least Squares
//! Problems", 1974, chapter 23: the variable whose multiplier is most violated enters,
//! the problem is solved on the free variables alone, and those that would turn
//! negative leave. Variables are scaled to a unit diagonal first. On the plane,
//! `H + ρ a aᵀ` has the same solutions as `H` and is definite wherever the solution
//! on the free variables is unique.

use super::SolveError;
use super::cholesky::Cholesky;
use crate::numeric::dot;

/// Multipliers below this, relative to the terms they are sums of, count as zero.
const TOLERANCE: f64 = 1e-13;

/// The same, once exchanges have gone on for long: rounding then decides what is left.
const ENOUGH: f64 = 1e-7;

/// What is minimised, and over what.
pub(crate) struct QuadraticProgram {
    size: usize,
    /// Scaled `H`, row-major.
    hessian: Vec<f64>,
    /// Scaled `f`.
    linear: Vec<f64>,
    /// Scaled `a`, if the plane is asked for.
    plane: Option<Vec<f64>>,
    /// Unscaled `x` is the scaled one times this.
    scales: Vec<f64>,
}

impl QuadraticProgram {
    /// The problem over `x ≥ 0`, with `H` row-major.
    pub(crate) fn non_negative(hessian: &[f64], linear: &[f64]) -> Self {
        Self::new(hessian, linear, None, 0.0)
    }

    /// The problem over the probability simplex.
    ///
    /// Diagonal entries below `floor` times the largest are scaled as if they were that;
    /// without linear term the solution is as sharp for entries of any size.
    pub(crate) fn simplex(hessian: &[f64], linear: &[f64], floor: f64) -> Self {
        let ones = vec![1.0; linear.len()];
        Self::new(hessian, linear, Some(&ones), floor)
    }

    fn new(hessian: &[f64], linear: &[f64], plane: Option<&[f64]>, floor: f64) -> Self {
        let size = linear.len();
        // A variable that the quadratic form does not see is scaled as the one it sees least.
        let diagonal = (0..size).map(|i| hessian[i * size + i]);
        let largest = diagonal.clone().fold(0.0, f64::max);
        let positive = diagonal.clone().filter(|d| *d > 0.0);
        let least = positive.fold(f64::INFINITY, f64::min).max(floor * largest);
        let least = if least.is_finite() { least } else { 1.0 };
        let scales: Vec<f64> = diagonal.map(|d| d.max(least).sqrt().recip()).collect();
        let mut scaled = vec![0.0; size * size];
        for i in 0..size {
            for j in 0..size {
                scaled[i * size + j] = hessian[i * size + j] * scales[i] * scales[j];
            }
        }
        let times = |values: &[f64]| values.iter().zip(&scales).map(|(v, s)| v * s).collect();
        Self {
            size,
            hessian: scaled,
            linear: times(linear),
            plane: plane.map(times),
            scales,
        }
    }

    /// A minimiser.
    ///
    /// # Errors
    /// If the multipliers do not settle within a generous number of exchanges.
    pub(crate) fn solve(&self) -> Result<Vec<f64>, SolveError> {
        let mut x = vec![0.0; self.size];
        let mut free: Vec<usize> = Vec::new();
        if self.plane.is_some() {
            let start = self.best_vertex();
            x[start.0] = start.1;
            free.push(start.0);
        }
        let mut barred = vec![false; self.size];
        for _ in 0..20 * self.size + 50 {
            let Some(entering) = self.most_violated(&x, &free, &barred, TOLERANCE) else {
                return Ok(self.unscaled(&x));
            };
            free.push(entering);
            if self.descend(&mut x, &mut free) {
                barred.fill(false);
            } else {
                // Rounding had it enter for nothing: wait until something moves.
                barred[entering] = true;
            }
        }
        barred.fill(false);
        match self.most_violated(&x, &free, &barred, ENOUGH) {
            None => Ok(self.unscaled(&x)),
            Some(_) => Err(SolveError("the quadratic program did not settle")),
        }
    }

    fn unscaled(&self, x: &[f64]) -> Vec<f64> {
        x.iter().zip(&self.scales).map(|(v, s)| v * s).collect()
    }

    /// The vertex of least value, as variable and its value.
    fn best_vertex(&self) -> (usize, f64) {
        let value = |i: usize| {
            let x = self.plane.as_ref().map_or(1.0, |plane| plane[i].recip());
            (
                0.5 * self.hessian[i * self.size + i] * x * x - self.linear[i] * x,
                x,
            )
        };
        (0..self.size)
            .map(|i| (i, value(i)))
            .min_by(|a, b| a.1.0.total_cmp(&b.1.0))
            .map_or((0, 1.0), |(i, (_, x))| (i, x))
    }

    /// The bound variable whose multiplier is most negative, if one is.
    fn most_violated(
        &self,
        x: &[f64],
        free: &[usize],
        barred: &[bool],
        tolerance: f64,
    ) -> Option<usize> {
        let row = |i: usize| &self.hessian[i * self.size..(i + 1) * self.size];
        let gradient: Vec<f64> = (0..self.size)
            .map(|i| dot(row(i), x) - self.linear[i])
            .collect();
        let multiplier = dot(x, &gradient);
        let mut worst = None;
        let mut least = 0.0;
        for i in (0..self.size).filter(|&i| !barred[i] && !free.contains(&i)) {
            let on_plane = self
                .plane
                .as_ref()
                .map_or(0.0, |plane| multiplier * plane[i]);
            let terms: f64 = row(i).iter().zip(x).map(|(h, v)| (h * v).abs()).sum();
            let size = terms + self.linear[i].abs() + on_plane.abs();
            let reduced = gradient[i] - on_plane;
            if reduced < -tolerance * size && reduced < least {
                least = reduced;
                worst = Some(i);
            }
        }
        worst
    }

    /// Moves to the minimiser over the free variables, dropping those that turn
    /// negative on the way; says whether anything moved.
    fn descend(&self, x: &mut [f64], free: &mut Vec<usize>) -> bool {
        let mut moved = false;
        while !free.is_empty() {
            let target = self.minimise_free(free);
            let step = free
                .iter()
                .zip(&target)
                .filter(|(_, z)| **z <= 0.0)
                .map(|(&i, z)| x[i] / (x[i] - z).max(f64::MIN_POSITIVE))
                .fold(1.0, f64::min);
            let blocked = target.iter().any(|z| *z <= 0.0);
            for (&i, z) in free.iter().zip(&target) {
                let next = if blocked {
                    x[i] + step * (z - x[i])
                } else {
                    *z
                };
                moved |= next != x[i];
                x[i] = next;
            }
            if !blocked {
                break;
            }
            let mut kept = Vec::with_capacity(free.len());
            for (&i, z) in free.iter().zip(&target) {
                if *z <= 0.0 && x[i] <= 1e-15 * (z.abs() + x[i].abs()) {
                    x[i] = 0.0;
                } else {
                    kept.push(i);
                }
            }
            if kept.len() == free.len() {
                // The blocking variable is the one whose step was taken: it must leave.
                let blocking = (0..free.len())
                    .filter(|&k| target[k] <= 0.0)
                    .min_by(|&a, &b| x[free[a]].total_cmp(&x[free[b]]));
                if let Some(k) = blocking {
                    x[kept.remove(k)] = 0.0;
                }
            }
            *free = kept;
        }
        moved
    }

    /// The minimiser over the free variables, signs ignored.
    fn minimise_free(&self, free: &[usize]) -> Vec<f64> {
        let size = free.len();
        let linear: Vec<f64> = free.iter().map(|&i| self.linear[i]).collect();
        let plane: Option<Vec<f64>> = self.plane.as_ref().map(|plane| {
            // Any multiple of `a` describes the same plane through ρ; of order 1 is best.
            free.iter().map(|&i| plane[i]).collect()
        });
        let largest = plane
            .as_ref()
            .map_or(1.0, |plane| crate::numeric::max(plane));
        let mut matrix = Vec::with_capacity(size * size);
        for (p, &i) in free.iter().enumerate() {
            for (q, &j) in free.iter().enumerate() {
                let added = plane
                    .as_ref()
                    .map_or(0.0, |plane| (plane[p] / largest) * (plane[q] / largest));
                matrix.push(self.hessian[i * self.size + j] + added);
            }
        }
        let factor = Cholesky::new(size, &matrix);
        let solve = |right: &[f64]| {
            let mut x = factor.solve(right);
            let residual: Vec<f64> = (0..size)
                .map(|i| right[i] - dot(&matrix[i * size..(i + 1) * size], &x))
                .collect();
            for (value, correction) in x.iter_mut().zip(factor.solve(&residual)) {
                *value += correction;
            }
            x
        };
        let free_minimum = solve(&linear);
        let Some(plane) = plane else {
            return free_minimum;
        };
        let direction = solve(&plane);
        let shift = (1.0 - dot(&plane, &free_minimum)) / dot(&plane, &direction);
        free_minimum
            .iter()
            .zip(&direction)
            .map(|(x, d)| x + shift * d)
            .collect()
    }
}
