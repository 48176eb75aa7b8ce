//! Eigenvalues and eigenvectors of a Gramian, by one-sided Jacobi rotations.
//!
//! With `G = L Lᵀ` factored by Cholesky's method with pivoting, rotations make the columns
//! of `L` orthogonal; their squared lengths are then the eigenvalues and their directions
//! the eigenvectors (Veselić and Hari, "A Note on a One-Sided Jacobi Algorithm", Numerische
//! Mathematik 1989). Its relative accuracy on small eigenvalues of matrices with rows of
//! very different sizes is why it is taken here (Demmel and Veselić, SIAM Journal on Matrix
//! Analysis 1992).

use super::SolveError;
use crate::Gramian;
use crate::numeric::{dot, max};

const MAX_SWEEPS: usize = 60;

/// Pivots below this part of the largest squared norm are rounding: far below any
/// eigenvalue that counts.
const LEAST_PIVOT: f64 = 0.25 * f64::EPSILON;

/// `A = Σ λ_k v_k v_kᵀ`.
pub(crate) struct Eigen {
    size: usize,
    /// Eigenvalues above rounding and some below it, in no order.
    pub(crate) values: Vec<f64>,
    /// Eigenvectors of unit length, one a row, in the order of the values.
    vectors: Vec<f64>,
}

impl Eigen {
    /// Decomposes a Gramian.
    pub(crate) fn new(gramian: &Gramian) -> Result<Self, SolveError> {
        let size = gramian.size().max(1);
        let mut columns = pivoted_columns(gramian);
        let count = columns.len() / size;
        let goal = 2.0 * f64::EPSILON * (size as f64).sqrt();
        let mut squares = vec![0.0; count];
        for _ in 0..MAX_SWEEPS {
            for (square, column) in squares.iter_mut().zip(columns.chunks(size)) {
                *square = dot(column, column);
            }
            let mut rotated = false;
            for p in 0..count {
                let (before, behind) = columns.split_at_mut((p + 1) * size);
                let left = &mut before[p * size..];
                for (right, q) in behind.chunks_mut(size).zip(p + 1..) {
                    let product = dot(left, right);
                    if product.abs() > goal * squares[p].sqrt() * squares[q].sqrt() {
                        rotated = true;
                        let shift = rotate(left, right, squares[q] - squares[p], product);
                        squares[p] -= shift;
                        squares[q] += shift;
                    }
                }
            }
            if !rotated {
                for (column, square) in columns.chunks_mut(size).zip(&squares) {
                    let length = square.sqrt();
                    column.iter_mut().for_each(|entry| *entry /= length);
                }
                return Ok(Self {
                    size,
                    values: squares,
                    vectors: columns,
                });
            }
        }
        Err(SolveError("the eigenvalues did not settle"))
    }

    /// Number of eigenvalues above rounding: `λ > max(λ) · size · ε`.
    pub(crate) fn rank_threshold(&self) -> f64 {
        max(&self.values).max(0.0) * self.size as f64 * f64::EPSILON
    }

    /// `Σ f(λ_k) v_k v_kᵀ x` over the eigenvalues above `threshold`.
    pub(crate) fn apply(&self, threshold: f64, f: impl Fn(f64) -> f64, x: &[f64]) -> Vec<f64> {
        let mut result = vec![0.0; self.size];
        for (value, vector) in self.values.iter().zip(self.vectors.chunks(self.size)) {
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

/// The columns of `L`, one after the other, as many as there are pivots above rounding.
fn pivoted_columns(gramian: &Gramian) -> Vec<f64> {
    let size = gramian.size();
    let mut diagonal: Vec<f64> = (0..size).map(|i| gramian.get(i, i)).collect();
    let least = LEAST_PIVOT * diagonal.iter().copied().fold(0.0, f64::max);
    let mut columns: Vec<f64> = Vec::with_capacity(size * size);
    for _ in 0..size {
        let largest = (0..size).max_by(|&i, &j| diagonal[i].total_cmp(&diagonal[j]));
        let Some(pivot) = largest.filter(|&i| diagonal[i] > least) else {
            break;
        };
        let root = diagonal[pivot].sqrt();
        let mut column = gramian.row(pivot).to_vec();
        for earlier in columns.chunks(size) {
            let factor = earlier[pivot];
            for (entry, other) in column.iter_mut().zip(earlier) {
                *entry -= factor * other;
            }
        }
        for (entry, left) in column.iter_mut().zip(&mut diagonal) {
            // Rows that were pivots before have nothing left for this column.
            if *left == f64::NEG_INFINITY {
                *entry = 0.0;
            } else {
                *entry /= root;
                *left -= *entry * *entry;
            }
        }
        column[pivot] = root;
        diagonal[pivot] = f64::NEG_INFINITY;
        columns.extend(column);
    }
    columns
}

/// Makes two columns orthogonal, given the difference of their squared lengths and their
/// product; returns by how much the first square shrinks and the second grows.
fn rotate(left: &mut [f64], right: &mut [f64], difference: f64, product: f64) -> f64 {
    let theta = difference / (2.0 * product);
    let tangent = theta.signum() / (theta.abs() + (1.0 + theta * theta).sqrt());
    let cosine = (1.0 + tangent * tangent).sqrt().recip();
    let sine = tangent * cosine;
    for (a, b) in left.iter_mut().zip(right) {
        let (x, y) = (*a, *b);
        *a = cosine * x - sine * y;
        *b = sine * x + cosine * y;
    }
    tangent * product
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
