//! The Gramian of the gradients of a step: all that most aggregators need.
//!
//! `G_ij = ⟨g_i, g_j⟩` over the shared parameters, for the tasks present in the step.

use crate::BalanceError;
use crate::numeric::dot;

/// How far an entry may be from symmetric, or beyond the product of the norms,
/// relative to that product: sums in single precision stay well below.
const SLACK: f64 = 1e-3;

/// A Gramian, symmetric and finite by construction: row-major `(tasks, tasks)`, with a
/// non-negative diagonal and `|G_ij| ≤ ‖g_i‖ ‖g_j‖`.
#[derive(Clone, Debug, PartialEq)]
pub struct Gramian {
    size: usize,
    values: Vec<f64>,
}

impl Gramian {
    /// A Gramian from its entries, row-major `(size, size)`.
    ///
    /// Entries that differ from their mirror image by rounding are averaged, and those
    /// that exceed the product of the norms by rounding are set to it.
    ///
    /// # Errors
    /// [`BalanceError::Gramian`] if the number of entries is not `size²`, an entry is
    /// not finite, or the matrix is no Gramian by more than rounding.
    pub fn new(size: usize, mut values: Vec<f64>) -> Result<Self, BalanceError> {
        let refuse = |problem: String| Err(BalanceError::Gramian { problem });
        if values.len() != size * size {
            return refuse(format!("{} entries, expected {size}²", values.len()));
        }
        if let Some(at) = values.iter().position(|value| !value.is_finite()) {
            let (i, j) = (at / size, at % size);
            return refuse(format!(
                "entry ({i}, {j}) is {}, expected a finite number",
                values[at]
            ));
        }
        for i in 0..size {
            let diagonal = values[i * size + i];
            if diagonal < 0.0 {
                return refuse(format!(
                    "the squared norm ({i}, {i}) is {diagonal}, expected 0 or above"
                ));
            }
        }
        for i in 0..size {
            for j in 0..i {
                let (a, b) = (values[i * size + j], values[j * size + i]);
                let bound = values[i * size + i].sqrt() * values[j * size + j].sqrt();
                if (a - b).abs() > SLACK * bound {
                    return refuse(format!(
                        "entries ({i}, {j}) and ({j}, {i}) are {a} and {b}, expected the same"
                    ));
                }
                let mean = 0.5 * a + 0.5 * b;
                if mean.abs() > (1.0 + SLACK) * bound {
                    return refuse(format!(
                        "entry ({i}, {j}) is {mean}, beyond the product of the norms {bound}"
                    ));
                }
                let entry = mean.clamp(-bound, bound);
                values[i * size + j] = entry;
                values[j * size + i] = entry;
            }
        }
        Ok(Self { size, values })
    }

    /// The Gramian of gradients given as rows of the same length.
    ///
    /// # Errors
    /// [`BalanceError::Gramian`] if the rows differ in length or a product is not finite.
    pub fn from_rows<R: AsRef<[f64]>>(rows: &[R]) -> Result<Self, BalanceError> {
        let size = rows.len();
        let columns = rows.first().map_or(0, |row| row.as_ref().len());
        if let Some(row) = rows.iter().position(|row| row.as_ref().len() != columns) {
            let found = rows[row].as_ref().len();
            let problem = format!("gradient {row} has {found} entries, expected {columns}");
            return Err(BalanceError::Gramian { problem });
        }
        let mut values = vec![0.0; size * size];
        for i in 0..size {
            for j in 0..=i {
                let product = dot(rows[i].as_ref(), rows[j].as_ref());
                values[i * size + j] = product;
                values[j * size + i] = product;
            }
        }
        Self::new(size, values)
    }

    /// Number of gradients.
    pub fn size(&self) -> usize {
        self.size
    }

    /// All entries, row-major `(size, size)`.
    pub fn values(&self) -> &[f64] {
        &self.values
    }

    /// `⟨g_i, g_j⟩`.
    ///
    /// # Panics
    /// If `i` or `j` is not below the size.
    pub fn get(&self, i: usize, j: usize) -> f64 {
        self.row(i)[j]
    }

    /// The products of `g_i` with every gradient.
    ///
    /// # Panics
    /// If `i` is not below the size.
    pub fn row(&self, i: usize) -> &[f64] {
        &self.values[i * self.size..(i + 1) * self.size]
    }

    /// `‖g_i‖`.
    ///
    /// # Panics
    /// If `i` is not below the size.
    pub fn norm(&self, i: usize) -> f64 {
        self.get(i, i).sqrt()
    }

    /// All norms, in order.
    pub fn norms(&self) -> Vec<f64> {
        (0..self.size).map(|i| self.norm(i)).collect()
    }

    /// `⟨g_i, g_j⟩ / (‖g_i‖ ‖g_j‖)`, 0 where a gradient is 0.
    ///
    /// # Panics
    /// If `i` or `j` is not below the size.
    pub fn cosine(&self, i: usize, j: usize) -> f64 {
        if i == j {
            return if self.get(i, i) > 0.0 { 1.0 } else { 0.0 };
        }
        let lengths = self.norm(i) * self.norm(j);
        if lengths > 0.0 {
            (self.get(i, j) / lengths).clamp(-1.0, 1.0)
        } else {
            0.0
        }
    }

    /// `Σ ‖g_i‖²`.
    pub fn trace(&self) -> f64 {
        (0..self.size).map(|i| self.get(i, i)).sum()
    }

    /// `G w`: the product of each gradient with `Σ w_j g_j`.
    ///
    /// # Panics
    /// If there are not as many weights as gradients.
    pub fn multiply(&self, weights: &[f64]) -> Vec<f64> {
        assert_eq!(weights.len(), self.size);
        (0..self.size).map(|i| dot(self.row(i), weights)).collect()
    }

    /// `‖Σ w_i g_i‖`.
    ///
    /// # Panics
    /// If there are not as many weights as gradients.
    pub fn length(&self, weights: &[f64]) -> f64 {
        dot(weights, &self.multiply(weights)).max(0.0).sqrt()
    }

    /// The Gramian of the gradients `f_i g_i`.
    ///
    /// # Errors
    /// [`BalanceError::Gramian`] if an entry leaves the range of `f64`.
    ///
    /// # Panics
    /// If there are not as many factors as gradients.
    pub fn scaled(&self, factors: &[f64]) -> Result<Self, BalanceError> {
        assert_eq!(factors.len(), self.size);
        let mut values = self.values.clone();
        for (i, row) in values.chunks_mut(self.size.max(1)).enumerate() {
            for (value, factor) in row.iter_mut().zip(factors) {
                *value *= factors[i] * factor;
            }
        }
        Self::new(self.size, values)
    }

    /// The Gramian of the unit gradients; a zero gradient stays zero.
    pub fn cosines(&self) -> Self {
        let mut values = Vec::with_capacity(self.values.len());
        for i in 0..self.size {
            for j in 0..self.size {
                values.push(self.cosine(i, j));
            }
        }
        Self {
            size: self.size,
            values,
        }
    }

    /// The Gramian of these gradients alone.
    pub(crate) fn selected(&self, gradients: &[usize]) -> Self {
        let entries = gradients.iter().flat_map(|&i| {
            let row = self.row(i);
            gradients.iter().map(move |&j| row[j])
        });
        Self {
            size: gradients.len(),
            values: entries.collect(),
        }
    }

    /// Divided by the largest squared norm, with that as the second value (1 if all are 0).
    pub(crate) fn unit_scale(&self) -> (Self, f64) {
        let largest = (0..self.size).map(|i| self.get(i, i)).fold(0.0, f64::max);
        if largest == 0.0 {
            return (self.clone(), 1.0);
        }
        let values = self.values.iter().map(|value| value / largest).collect();
        let scaled = Self {
            size: self.size,
            values,
        };
        (scaled, largest)
    }
}
