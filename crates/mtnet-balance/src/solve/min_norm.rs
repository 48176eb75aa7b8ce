//! The point of least norm in the convex hull of the gradients.
//!
//! `min ‖Σ w_i g_i‖²` over the simplex, in terms of the Gramian alone (Wolfe,
//! "Finding the nearest point in a polytope", Mathematical Programming 1976).

use super::{QuadraticProgram, SolveError};
use crate::Gramian;

/// Weights on the simplex of the point of least norm.
pub(crate) fn min_norm(gramian: &Gramian) -> Result<Vec<f64>, SolveError> {
    let size = gramian.size();
    // A zero gradient is the point itself.
    if let Some(zero) = (0..size).find(|&i| gramian.get(i, i) == 0.0) {
        let mut weights = vec![0.0; size];
        weights[zero] = 1.0;
        return Ok(weights);
    }
    let program = QuadraticProgram::simplex(size, gramian.values(), 0.0);
    let weights = program.solver().solve(&vec![0.0; size])?;
    let sum: f64 = weights.iter().sum();
    Ok(weights.iter().map(|weight| weight / sum).collect())
}
