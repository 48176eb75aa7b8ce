//! Products between two independent samples of the same gradients.

use crate::{BalanceError, Gramian};

/// `A_ij = ⟨g_i, g'_j⟩` for gradients of two batches: finite, not symmetric.
#[derive(Clone, Debug, PartialEq)]
pub struct CrossGramian {
    size: usize,
    values: Vec<f64>,
}

impl CrossGramian {
    /// From its entries, row-major `(size, size)`.
    ///
    /// # Errors
    /// [`BalanceError::Gramian`] if there are not `size²` entries or one is not finite.
    pub fn new(size: usize, values: Vec<f64>) -> Result<Self, BalanceError> {
        let problem = if values.len() != size * size {
            format!("{} entries, expected {size}²", values.len())
        } else if let Some(value) = values.iter().find(|value| !value.is_finite()) {
            format!("an entry is {value}, expected a finite number")
        } else {
            return Ok(Self { size, values });
        };
        Err(BalanceError::Gramian { problem })
    }

    /// Number of gradients.
    pub fn size(&self) -> usize {
        self.size
    }

    /// `‖·‖`-like size of row `i`: the root of the absolute diagonal entry.
    pub(super) fn root_diagonal(&self, i: usize) -> f64 {
        self.values[i * self.size + i].abs().sqrt()
    }

    /// `A w`.
    pub(super) fn multiply(&self, weights: &[f64]) -> Vec<f64> {
        self.values
            .chunks(self.size.max(1))
            .map(|row| crate::numeric::dot(row, weights))
            .collect()
    }
}

impl From<&Gramian> for CrossGramian {
    /// The same batch taken twice.
    fn from(gramian: &Gramian) -> Self {
        Self {
            size: gramian.size(),
            values: gramian.values().to_vec(),
        }
    }
}
