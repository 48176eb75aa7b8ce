//! Eigenvalues and eigenvectors of a symmetric matrix, by cyclic Jacobi rotations.
//!
//! Jacobi 1846; Golub and Van Loan, "Matrix Computations", §8.5. Its relative
//! accuracy on small eigenvalues of matrices with rows of very different sizes is
//! why it is taken here (Demmel and Veselić, SIAM Journal on Matrix Analysis 1992).

use super::SolveError;
use crate::Gramian;
use crate::numeric::{dot, max};

const MAX_SWEEPS: usize = 60;

/// `A = Σ λ_k v_k v_kᵀ`.
pub(crate) struct Eigen {
    /// Eigenvalues, in no order.
    pub(crate) values: Vec<f64>,
    /// Eigenvectors of unit length, one a row, in the order of the values.
    vectors: Vec<f64>,
}

impl Eigen {
    /// Decomposes a Gramian.
    pub(crate) fn new(gramian: &Gramian) -> Result<Self, SolveError> {
        let size = gramian.size();
        let mut matrix = gramian.values().to_vec();
        let mut vectors = vec![0.0; size * size];
        for i in 0..size {
            vectors[i * size + i] = 1.0;
        }
        for _ in 0..MAX_SWEEPS {
            let mut rotated = false;
            for p in 0..size {
                for q in p + 1..size {
                    if is_negligible(&matrix, size, p, q) {
                        continue;
                    }
                    rotated = true;
                    rotate(&mut matrix, &mut vectors, size, p, q);
                }
            }
            if !rotated {
                let values = (0..size).map(|i| matrix[i * size + i]).collect();
                return Ok(Self { values, vectors });
            }
        }
        Err(SolveError("the eigenvalues did not settle"))
    }

    /// Number of eigenvalues above rounding: `λ > max(λ) · size · ε`.
    pub(crate) fn rank_threshold(&self) -> f64 {
        max(&self.values).max(0.0) * self.values.len() as f64 * f64::EPSILON
    }

    /// `Σ f(λ_k) v_k v_kᵀ x` over the eigenvalues above `threshold`.
    pub(crate) fn apply(&self, threshold: f64, f: impl Fn(f64) -> f64, x: &[f64]) -> Vec<f64> {
        let size = self.values.len();
        let mut result = vec![0.0; size];
        for (value, vector) in self.values.iter().zip(self.vectors.chunks(size)) {
            if *value > threshold {
                let amount = f(*value) * dot(vector, x);
                for (sum, entry) in result.iter_mut().zip(vector) {
                    *sum += amount * entry;
                }
            }
        }
        result
    }
}

/// Whether an entry is lost beside the diagonal entries that it couples.
fn is_negligible(matrix: &[f64], size: usize, p: usize, q: usize) -> bool {
    let entry = matrix[p * size + q].abs();
    let product = (matrix[p * size + p] * matrix[q * size + q]).abs();
    // The second bound is for diagonals that rounding has brought to nothing.
    let largest = matrix[p * size + p].abs().max(matrix[q * size + q].abs());
    entry <= 1e-16 * product.sqrt() || entry <= 1e-18 * largest || entry < f64::MIN_POSITIVE
}

/// The rotation of rows and columns `p` and `q` that brings their entry to zero.
fn rotate(matrix: &mut [f64], vectors: &mut [f64], size: usize, p: usize, q: usize) {
    let entry = matrix[p * size + q];
    let theta = (matrix[q * size + q] - matrix[p * size + p]) / (2.0 * entry);
    let tangent = theta.signum() / (theta.abs() + theta.hypot(1.0));
    let cosine = tangent.hypot(1.0).recip();
    let sine = tangent * cosine;
    let (diagonal_p, diagonal_q) = (matrix[p * size + p], matrix[q * size + q]);
    rotate_rows(matrix, size, (p, q), (cosine, sine));
    rotate_rows(vectors, size, (p, q), (cosine, sine));
    matrix[p * size + p] = diagonal_p - tangent * entry;
    matrix[q * size + q] = diagonal_q + tangent * entry;
    matrix[p * size + q] = 0.0;
    matrix[q * size + p] = 0.0;
    for k in (0..size).filter(|&k| k != p && k != q) {
        matrix[k * size + p] = matrix[p * size + k];
        matrix[k * size + q] = matrix[q * size + k];
    }
}

fn rotate_rows(
    matrix: &mut [f64],
    size: usize,
    (p, q): (usize, usize),
    (cosine, sine): (f64, f64),
) {
    let (above, below) = matrix.split_at_mut(q * size);
    let row_p = &mut above[p * size..(p + 1) * size];
    let row_q = &mut below[..size];
    for (a, b) in row_p.iter_mut().zip(row_q) {
        let (x, y) = (*a, *b);
        *a = cosine * x - sine * y;
        *b = sine * x + cosine * y;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_decomposition_puts_the_matrix_together_again() {
        let rows = [
            [1.0, 2.0, 0.5],
            [-1e-3, 0.0, 2e-3],
            [30.0, -4.0, 9.0],
            [1.0, 2.0, 0.5],
        ];
        let gramian = Gramian::from_rows(&rows).unwrap();
        let eigen = Eigen::new(&gramian).unwrap();
        for column in 0..4 {
            let mut unit = vec![0.0; 4];
            unit[column] = 1.0;
            let found = eigen.apply(f64::NEG_INFINITY, |value| value, &unit);
            for (row, value) in found.iter().enumerate() {
                assert!(
                    (value - gramian.get(row, column)).abs() < 1e-12,
                    "{row} {column}"
                );
            }
        }
        let rank = eigen
            .values
            .iter()
            .filter(|v| **v > eigen.rank_threshold())
            .count();
        assert_eq!(rank, 3);
    }
}
