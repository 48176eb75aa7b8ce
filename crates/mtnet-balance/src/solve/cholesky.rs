//! Cholesky factorisation of small positive semi-definite matrices, kept up to date as
//! rows come and go.
//!
//! A row is added by one forward substitution; one is taken out by plane rotations
//! (Golub and Van Loan, "Matrix Computations", §6.5). A pivot that rounding has eaten up
//! is replaced by a tiny positive one. The solution then runs far along the direction that
//! the matrix does not see, which is what an active-set method needs to find the bound that
//! stops it.

use crate::numeric::dot;

/// Relative size of a replaced pivot.
const LEAST_PIVOT: f64 = 1e-15;

/// The lower factor `L` of `A = L Lᵀ`.
pub(crate) struct Cholesky {
    capacity: usize,
    size: usize,
    /// Row-major with `capacity` entries a row; what lies above the diagonal is not read.
    lower: Vec<f64>,
}

impl Cholesky {
    /// The factor of a matrix without rows, with room for `capacity` of them.
    pub(crate) fn empty(capacity: usize) -> Self {
        Self {
            capacity,
            size: 0,
            lower: vec![0.0; capacity * capacity],
        }
    }

    /// Takes the rows from `size` on out.
    pub(crate) fn truncate(&mut self, size: usize) {
        self.size = self.size.min(size);
    }

    /// Adds a row and column: its entries beside the rows so far, then its diagonal entry.
    ///
    /// Returns the share of the diagonal entry that the rows so far do not explain: near 0
    /// or below where they leave the new one undetermined.
    pub(crate) fn push(&mut self, row: &[f64]) -> f64 {
        let i = self.size;
        let (above, below) = self.lower.split_at_mut(i * self.capacity);
        let new = &mut below[..=i];
        new.copy_from_slice(row);
        for (j, other) in above.chunks_exact(self.capacity).enumerate() {
            new[j] = (new[j] - dot(&new[..j], &other[..j])) / other[j];
        }
        let diagonal = new[i].abs().max(f64::MIN_POSITIVE);
        let pivot = new[i] - dot(&new[..i], &new[..i]);
        let least = (LEAST_PIVOT * diagonal).max(f64::MIN_POSITIVE);
        new[i] = pivot.max(least).sqrt();
        self.size += 1;
        pivot / diagonal
    }

    /// Takes out row and column `at`; those behind it move up by one.
    pub(crate) fn remove(&mut self, at: usize) {
        let width = self.capacity;
        for i in at + 1..self.size {
            let start = i * width;
            self.lower.copy_within(start..=start + i, start - width);
        }
        self.size -= 1;
        // Each row now has one entry above the diagonal, which a rotation takes away.
        for j in at..self.size {
            let pivot = j * width + j;
            let (x, y) = (self.lower[pivot], self.lower[pivot + 1]);
            let length = (x * x + y * y).sqrt();
            let (cosine, sine) = (x / length, y / length);
            self.lower[pivot] = length;
            for i in j + 1..self.size {
                let place = i * width + j;
                let (x, y) = (self.lower[place], self.lower[place + 1]);
                self.lower[place] = cosine * x + sine * y;
                self.lower[place + 1] = cosine * y - sine * x;
            }
        }
    }

    /// Solves `A x = right`, in the place of `right`.
    pub(crate) fn solve(&self, right: &mut [f64]) {
        let size = self.size;
        let x = &mut right[..size];
        for i in 0..size {
            let row = &self.lower[i * self.capacity..=i * self.capacity + i];
            x[i] = (x[i] - dot(&row[..i], &x[..i])) / row[i];
        }
        for i in (0..size).rev() {
            let row = &self.lower[i * self.capacity..=i * self.capacity + i];
            let value = x[i] / row[i];
            x[i] = value;
            for (other, factor) in x[..i].iter_mut().zip(row) {
                *other -= factor * value;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `i`, `j` of a definite matrix.
    fn entry(i: usize, j: usize) -> f64 {
        let near = 1.0 / (1.0 + (i as f64 - j as f64).powi(2));
        near + if i == j { 0.5 } else { 0.0 }
    }

    fn solution(rows: &[usize]) -> Vec<f64> {
        let mut factor = Cholesky::empty(rows.len());
        for (place, &i) in rows.iter().enumerate() {
            let entries: Vec<f64> = rows[..=place].iter().map(|&j| entry(i, j)).collect();
            factor.push(&entries);
        }
        let mut x: Vec<f64> = rows.iter().map(|&i| 1.0 + i as f64).collect();
        factor.solve(&mut x);
        x
    }

    #[test]
    fn a_solution_satisfies_the_equations() {
        let rows = [0, 1, 2, 3, 4];
        let x = solution(&rows);
        for i in rows {
            let left: f64 = rows.iter().map(|&j| entry(i, j) * x[j]).sum();
            assert!((left - 1.0 - i as f64).abs() < 1e-13);
        }
    }

    #[test]
    fn rows_come_and_go() {
        let mut factor = Cholesky::empty(6);
        let mut rows: Vec<usize> = Vec::new();
        let push = |factor: &mut Cholesky, rows: &mut Vec<usize>, new: usize| {
            rows.push(new);
            let entries: Vec<f64> = rows.iter().map(|&j| entry(new, j)).collect();
            factor.push(&entries);
        };
        for new in [3, 0, 5, 1, 4, 2] {
            push(&mut factor, &mut rows, new);
        }
        for (at, new) in [(2, 5), (0, 3), (5, 3), (3, 1)] {
            factor.remove(at);
            rows.remove(at);
            let mut x: Vec<f64> = rows.iter().map(|&i| 1.0 + i as f64).collect();
            factor.solve(&mut x);
            for (found, expected) in x.iter().zip(solution(&rows)) {
                assert!((found - expected).abs() < 1e-13);
            }
            push(&mut factor, &mut rows, new);
        }
    }
}
