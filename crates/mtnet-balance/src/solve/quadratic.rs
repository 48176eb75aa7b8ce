//! Quadratic programs over the non-negative orthant, or the part of it on a plane.
//!
//! `min ½ xᵀHx − fᵀx` over `x ≥ 0`, with `Σ x_i = 1` on request, `H` positive
//! semi-definite. Variables are scaled to a unit diagonal first; the plane then becomes
//! `aᵀx = 1`. [`ActiveSet`] solves the program for one linear term after the other.

use super::ActiveSet;

/// Added to the unit diagonal of a program without plane, above the rounding of the other
/// entries: it makes the minimiser unique where `H` is singular.
const RIDGE: f64 = 1e-13;

/// The part of a program that stays the same for all linear terms.
pub(crate) struct QuadraticProgram {
    size: usize,
    /// Scaled `H`, row-major.
    hessian: Vec<f64>,
    /// Scaled `a`, if the plane is asked for.
    plane: Option<Vec<f64>>,
    /// Unscaled `x` is the scaled one times this.
    scales: Vec<f64>,
}

impl QuadraticProgram {
    /// The problem over `x ≥ 0`, with `H` row-major `(size, size)`.
    ///
    /// Of several minimisers it has the one of least length in scaled variables.
    pub(crate) fn non_negative(size: usize, hessian: &[f64]) -> Self {
        let mut program = Self::new(size, hessian, 0.0);
        for i in 0..size {
            program.hessian[i * size + i] += RIDGE;
        }
        program
    }

    /// The problem over the probability simplex.
    ///
    /// Diagonal entries below `floor` times the largest are scaled as if they were that;
    /// without linear term the solution is as sharp for entries of any size.
    pub(crate) fn simplex(size: usize, hessian: &[f64], floor: f64) -> Self {
        let mut program = Self::new(size, hessian, floor);
        program.plane = Some(program.scales.clone());
        program
    }

    fn new(size: usize, hessian: &[f64], floor: f64) -> Self {
        // A variable that the quadratic form does not see is scaled as the one it sees least.
        let diagonal = (0..size).map(|i| hessian[i * size + i]);
        let largest = diagonal.clone().fold(0.0, f64::max);
        let positive = diagonal.clone().filter(|d| *d > 0.0);
        let least = positive.fold(f64::INFINITY, f64::min).max(floor * largest);
        let least = if least.is_finite() { least } else { 1.0 };
        let scales: Vec<f64> = diagonal.map(|d| d.max(least).sqrt().recip()).collect();
        let mut scaled = hessian.to_vec();
        for (row, scale) in scaled.chunks_mut(size.max(1)).zip(&scales) {
            for (entry, other) in row.iter_mut().zip(&scales) {
                *entry = *entry * scale * other;
            }
        }
        Self {
            size,
            hessian: scaled,
            plane: None,
            scales,
        }
    }

    /// A solver that has not started.
    pub(crate) fn solver(&self) -> ActiveSet<'_> {
        ActiveSet::new(self)
    }

    /// Number of variables.
    pub(super) fn size(&self) -> usize {
        self.size
    }

    /// A row of the scaled `H`.
    pub(super) fn row(&self, i: usize) -> &[f64] {
        &self.hessian[i * self.size..(i + 1) * self.size]
    }

    /// The scaled `a`, if there is a plane.
    pub(super) fn plane(&self) -> Option<&[f64]> {
        self.plane.as_deref()
    }

    /// What a linear term is in scaled variables, and an unscaled `x` from a scaled one.
    pub(super) fn scales(&self) -> &[f64] {
        &self.scales
    }
}
