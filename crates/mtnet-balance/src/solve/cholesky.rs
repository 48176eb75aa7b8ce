//! Cholesky factorisation of small positive semi-definite matrices.
//!
//! A pivot that rounding has eaten up is replaced by a tiny positive one. The
//! solution then runs far along the direction that the matrix does not see, which
//! is what an active-set method needs to find the bound that stops it.

/// Relative size of a replaced pivot.
const LEAST_PIVOT: f64 = 1e-15;

/// The lower factor `L` of `A = L Lᵀ`.
pub(crate) struct Cholesky {
    size: usize,
    /// Row-major, zero above the diagonal.
    lower: Vec<f64>,
}

impl Cholesky {
    /// Factors a symmetric matrix `(size, size)`, given row-major.
    pub(crate) fn new(size: usize, matrix: &[f64]) -> Self {
        let mut lower = matrix.to_vec();
        for i in 0..size {
            let (above, row) = lower.split_at_mut(i * size);
            for j in 0..i {
                let other = &above[j * size..j * size + j];
                let sum: f64 = row[..j].iter().zip(other).map(|(a, b)| a * b).sum();
                row[j] = (row[j] - sum) / above[j * size + j];
            }
            let sum: f64 = row[..i].iter().map(|value| value * value).sum();
            let least = (LEAST_PIVOT * row[i].abs()).max(f64::MIN_POSITIVE);
            row[i] = (row[i] - sum).max(least).sqrt();
            row[i + 1..size].fill(0.0);
        }
        Self { size, lower }
    }

    /// Solves `A x = right`.
    pub(crate) fn solve(&self, right: &[f64]) -> Vec<f64> {
        let size = self.size;
        let mut x = right.to_vec();
        for i in 0..size {
            let row = &self.lower[i * size..=i * size + i];
            let sum: f64 = row[..i].iter().zip(&x).map(|(a, b)| a * b).sum();
            x[i] = (x[i] - sum) / row[i];
        }
        for i in (0..size).rev() {
            x[i] /= self.lower[i * size + i];
            let value = x[i];
            let row = &self.lower[i * size..i * size + i];
            for (other, factor) in x.iter_mut().zip(row) {
                *other -= factor * value;
            }
        }
        x
    }
}
