//! The active-set method for [`QuadraticProgram`].
//!
//! Lawson and Hanson, "Solving Least Squares Problems", 1974, chapter 23: variables whose
//! multipliers are violated enter, the problem is solved on the free variables alone, and
//! those that would turn negative leave. At first all violated ones enter together, which
//! saves most of the exchanges; where that leads nowhere, one at a time does. A new linear
//! term starts from the free variables of the last.

use super::free_part::FreePart;
use super::{QuadraticProgram, SolveError};
use crate::numeric::dot;

/// Multipliers below this, relative to the terms they are sums of, count as zero.
const TOLERANCE: f64 = 1e-13;

/// The same, once exchanges have gone on for long: rounding then decides what is left.
const ENOUGH: f64 = 1e-7;

/// Rounds in which all violated variables may enter together.
const ROUNDS_TOGETHER: usize = 8;

/// Relative changes up to this are rounding, not movement.
const STILL: f64 = 1e-14;

/// A solver of one quadratic program, for one linear term after the other.
pub(crate) struct ActiveSet<'a> {
    program: &'a QuadraticProgram,
    /// Scaled `f`.
    linear: Vec<f64>,
    /// Scaled `x`.
    x: Vec<f64>,
    /// `Hx − f`.
    gradient: Vec<f64>,
    free: FreePart<'a>,
    /// The minimiser over the free variables, in their order.
    target: Vec<f64>,
    /// The same of the plane's normal: `(H + ρ a aᵀ)⁻¹ a`.
    normal: Vec<f64>,
}

impl<'a> ActiveSet<'a> {
    /// Before the first linear term.
    pub(super) fn new(program: &'a QuadraticProgram) -> Self {
        let size = program.size();
        Self {
            program,
            linear: vec![0.0; size],
            x: vec![0.0; size],
            gradient: vec![0.0; size],
            free: FreePart::new(program),
            target: Vec::with_capacity(size),
            normal: Vec::with_capacity(size),
        }
    }

    /// A minimiser for the linear term `f`.
    ///
    /// # Errors
    /// If the multipliers do not settle within a generous number of exchanges.
    pub(crate) fn solve(&mut self, linear: &[f64]) -> Result<Vec<f64>, SolveError> {
        let program = self.program;
        for ((scaled, value), scale) in self.linear.iter_mut().zip(linear).zip(program.scales()) {
            *scaled = value * scale;
        }
        if program.plane().is_some() && self.free.variables().is_empty() {
            self.start_at_best_vertex();
        }
        self.descend();
        let mut barred = vec![false; program.size()];
        let mut together = ROUNDS_TOGETHER;
        for _ in 0..20 * program.size() + 50 {
            self.follow_gradient();
            let mut entering = self.violated(&barred, TOLERANCE);
            if entering.is_empty() && self.refine() {
                self.follow_gradient();
                entering = self.violated(&barred, TOLERANCE);
            }
            let Some(worst) = worst(&entering) else {
                return Ok(self.unscaled(&self.x));
            };
            if together == 0 {
                self.free.enter(worst.0);
            } else {
                self.free.enter_together(&entering);
            }
            let moved = self.descend();
            if moved {
                barred.fill(false);
            } else if together == 0 {
                // Rounding had it enter for nothing: wait until something moves.
                barred[worst.0] = true;
            }
            together = if moved { together.saturating_sub(1) } else { 0 };
        }
        barred.fill(false);
        self.follow_gradient();
        if self.violated(&barred, ENOUGH).is_empty() {
            Ok(self.unscaled(&self.x))
        } else {
            Err(SolveError("the quadratic program did not settle"))
        }
    }

    /// Forgets the last linear term and its solution.
    pub(crate) fn reset(&mut self) {
        self.x.fill(0.0);
        self.free.clear();
    }

    /// The derivative of the minimiser by a multiple of `linear` that is added to the
    /// linear term, as long as the free variables stay the same.
    pub(crate) fn response(&mut self, linear: &[f64]) -> Vec<f64> {
        let scales = self.program.scales();
        let mut free: Vec<f64> = self
            .free
            .variables()
            .iter()
            .map(|&i| linear[i] * scales[i])
            .collect();
        self.free.solve(&mut free);
        if let Some(plane) = self.program.plane() {
            let along = self.on_plane(plane, &free) / self.on_plane(plane, &self.normal);
            for (value, normal) in free.iter_mut().zip(&self.normal) {
                *value -= along * normal;
            }
        }
        let mut whole = vec![0.0; self.program.size()];
        for (&i, value) in self.free.variables().iter().zip(&free) {
            whole[i] = value * scales[i];
        }
        whole
    }

    fn unscaled(&self, x: &[f64]) -> Vec<f64> {
        let pairs = x.iter().zip(self.program.scales());
        pairs.map(|(value, scale)| value * scale).collect()
    }

    /// `aᵀx` for the free variables, given in their order.
    fn on_plane(&self, plane: &[f64], free: &[f64]) -> f64 {
        self.free
            .variables()
            .iter()
            .zip(free)
            .map(|(&i, x)| plane[i] * x)
            .sum()
    }

    /// Moves to the vertex of least value.
    fn start_at_best_vertex(&mut self) {
        let Some(plane) = self.program.plane() else {
            return;
        };
        let value = |i: usize| {
            let x = plane[i].recip();
            0.5 * self.program.row(i)[i] * x * x - self.linear[i] * x
        };
        let best = (0..self.program.size()).min_by(|&i, &j| value(i).total_cmp(&value(j)));
        if let Some(i) = best {
            self.x[i] = plane[i].recip();
            self.free.enter(i);
        }
    }

    /// Brings `Hx − f` up to date.
    fn follow_gradient(&mut self) {
        for (gradient, linear) in self.gradient.iter_mut().zip(&self.linear) {
            *gradient = -linear;
        }
        for &i in self.free.variables() {
            add_times(&mut self.gradient, self.x[i], self.program.row(i));
        }
    }

    /// Bound variables with a negative multiplier, and that multiplier.
    fn violated(&self, barred: &[bool], tolerance: f64) -> Vec<(usize, f64)> {
        let plane = self.program.plane();
        let sum = |term: &dyn Fn(usize) -> f64| -> f64 {
            let free = self.free.variables().iter();
            free.map(|&i| self.x[i] * term(i)).sum()
        };
        // Sizes of what a gradient, and the multiplier of the plane, are sums of: no entry
        // of the scaled `H` is beyond 1.
        let mass = sum(&|_| 1.0);
        let multiplier = sum(&|i| self.gradient[i]);
        let noise = mass * mass + sum(&|i| self.linear[i].abs());
        let mut found = Vec::new();
        for i in (0..self.program.size()).filter(|&i| !barred[i] && !self.free.contains(i)) {
            let on_plane = plane.map_or(0.0, |plane| multiplier * plane[i]);
            let reduced = self.gradient[i] - on_plane;
            if reduced < 0.0 {
                let size = mass + self.linear[i].abs() + plane.map_or(0.0, |a| noise * a[i]);
                if reduced < -tolerance * size {
                    found.push((i, reduced));
                }
            }
        }
        found
    }

    /// Moves to the minimiser over the free variables, dropping those that turn
    /// negative on the way; says whether anything moved.
    fn descend(&mut self) -> bool {
        let mut moved = false;
        while !self.free.variables().is_empty() {
            self.find_target();
            let blocked = self.target.iter().any(|z| *z <= 0.0);
            let step = self
                .free
                .variables()
                .iter()
                .zip(&self.target)
                .filter(|(_, z)| **z <= 0.0)
                .map(|(&i, z)| self.x[i] / (self.x[i] - z).max(f64::MIN_POSITIVE))
                .fold(1.0, f64::min);
            for (&i, z) in self.free.variables().iter().zip(&self.target) {
                let x = &mut self.x[i];
                let next = if blocked { *x + step * (z - *x) } else { *z };
                moved |= (next - *x).abs() > STILL * next.abs().max(x.abs());
                *x = next;
            }
            if !blocked {
                break;
            }
            let leaving = self.blocking();
            for &place in &leaving {
                self.x[self.free.variables()[place]] = 0.0;
            }
            self.free.leave(&leaving);
        }
        moved
    }

    /// Places of the free variables that the last step has brought to zero, one at least.
    fn blocking(&self) -> Vec<usize> {
        let places = (0..self.target.len()).filter(|&k| self.target[k] <= 0.0);
        let x = |k: usize| self.x[self.free.variables()[k]];
        let gone = |k: &usize| x(*k) <= 1e-15 * (self.target[*k].abs() + x(*k));
        let leaving: Vec<usize> = places.clone().filter(gone).collect();
        if leaving.is_empty() {
            // Rounding left the one whose step was taken above zero: it must leave.
            let nearest = places.min_by(|&a, &b| x(a).total_cmp(&x(b)));
            return nearest.into_iter().collect();
        }
        leaving
    }

    /// The minimiser over the free variables, signs ignored.
    fn find_target(&mut self) {
        self.target.clear();
        self.target
            .extend(self.free.variables().iter().map(|&i| self.linear[i]));
        self.free.solve(&mut self.target);
        if let Some(plane) = self.program.plane() {
            self.normal.clear();
            self.normal
                .extend(self.free.variables().iter().map(|&i| plane[i]));
            self.free.solve(&mut self.normal);
            self.shift_to_plane(plane);
        }
    }

    /// Adds the multiple of the normal that brings the target to the plane.
    fn shift_to_plane(&mut self, plane: &[f64]) {
        let missing = 1.0 - self.on_plane(plane, &self.target);
        let shift = missing / self.on_plane(plane, &self.normal);
        for (value, normal) in self.target.iter_mut().zip(&self.normal) {
            *value += shift * normal;
        }
    }

    /// One step of iterative refinement, from an up-to-date gradient; says whether it was
    /// taken, which takes all free variables to stay positive.
    fn refine(&mut self) -> bool {
        let program = self.program;
        self.target.clear();
        self.target
            .extend(self.free.variables().iter().map(|&i| self.x[i]));
        let mut residuals: Vec<f64> = self
            .free
            .variables()
            .iter()
            .map(|&i| -self.gradient[i])
            .collect();
        if let Some(plane) = program.plane() {
            // On the plane the residual may be any multiple of its normal: the one that
            // the solution lies across is taken out.
            let along = dot(&residuals, &self.target);
            for (residual, &i) in residuals.iter_mut().zip(self.free.variables()) {
                *residual -= along * plane[i];
            }
        }
        self.free.solve(&mut residuals);
        add_times(&mut self.target, 1.0, &residuals);
        if let Some(plane) = program.plane() {
            self.shift_to_plane(plane);
        }
        let inside = self.target.iter().all(|z| *z > 0.0);
        if inside {
            for (&i, z) in self.free.variables().iter().zip(&self.target) {
                self.x[i] = *z;
            }
        }
        inside
    }
}

/// The most violated variable.
fn worst(violated: &[(usize, f64)]) -> Option<(usize, f64)> {
    violated.iter().copied().min_by(|a, b| a.1.total_cmp(&b.1))
}

/// `sum += factor · values`.
fn add_times(sum: &mut [f64], factor: f64, values: &[f64]) {
    for (sum, value) in sum.iter_mut().zip(values) {
        *sum += factor * value;
    }
}
