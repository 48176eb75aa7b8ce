//! Targets that are a matrix of numbers.

use crate::LossError;
use crate::selection::Selection;

/// A number for each row and column `(rows, columns)`, some of them possibly missing.
#[derive(Clone, Debug, PartialEq)]
pub struct DenseTargets {
    columns: usize,
    /// Row-major; what stands at a missing place is never read.
    values: Vec<f64>,
    /// `None`: nothing is missing.
    present: Option<Vec<bool>>,
}

impl DenseTargets {
    /// Targets without a gap, row-major.
    ///
    /// # Errors
    /// If the values do not fill rows of `columns`, or one is not finite.
    pub fn new<T: Copy + Into<f64>>(values: &[T], columns: usize) -> Result<Self, LossError> {
        Self::checked(values, columns, None)
    }

    /// Targets with a value only where `present` holds, both row-major.
    ///
    /// # Errors
    /// If the values do not fill rows of `columns`, the mask has another length, or a present
    /// value is not finite.
    pub fn masked<T: Copy + Into<f64>>(
        values: &[T],
        columns: usize,
        present: &[bool],
    ) -> Result<Self, LossError> {
        Self::checked(values, columns, Some(present.to_vec()))
    }

    /// Targets in which NaN marks a missing value, row-major.
    ///
    /// # Errors
    /// If the values do not fill rows of `columns`, or one is infinite.
    pub fn nan_is_missing<T: Copy + Into<f64>>(
        values: &[T],
        columns: usize,
    ) -> Result<Self, LossError> {
        let present: Vec<bool> = values.iter().map(|&value| !value.into().is_nan()).collect();
        let has_gap = present.contains(&false);
        Self::checked(values, columns, has_gap.then_some(present))
    }

    /// Number of rows.
    pub fn rows(&self) -> usize {
        self.values.len() / self.columns
    }

    /// Number of columns.
    pub fn columns(&self) -> usize {
        self.columns
    }

    fn checked<T: Copy + Into<f64>>(
        values: &[T],
        columns: usize,
        present: Option<Vec<bool>>,
    ) -> Result<Self, LossError> {
        if columns == 0 || !values.len().is_multiple_of(columns) {
            return Err(LossError::Ragged {
                what: "target values",
                found: values.len(),
                columns,
                expected: "a multiple of a width of at least 1".to_owned(),
            });
        }
        if let Some(present) = &present
            && present.len() != values.len()
        {
            return Err(LossError::Ragged {
                what: "mask entries",
                found: present.len(),
                columns,
                expected: format!("{}, one a value", values.len()),
            });
        }
        let targets = Self {
            columns,
            values: values.iter().map(|&value| value.into()).collect(),
            present,
        };
        targets.check(f64::is_finite, "a finite number")?;
        Ok(targets)
    }

    /// An error that names the first present value for which `is_valid` does not hold.
    pub(crate) fn check(
        &self,
        is_valid: impl Fn(f64) -> bool,
        expected: &'static str,
    ) -> Result<(), LossError> {
        let wrong =
            (0..self.values.len()).find(|&at| self.is_present(at) && !is_valid(self.values[at]));
        match wrong {
            None => Ok(()),
            Some(at) => Err(LossError::TargetValue {
                row: at / self.columns,
                column: at % self.columns,
                value: self.values[at],
                expected,
            }),
        }
    }

    /// An error unless predictions of these dimensions have a place for each target.
    pub(crate) fn check_shape(&self, what: &'static str, dims: &[usize]) -> Result<(), LossError> {
        if dims == [self.rows(), self.columns] {
            return Ok(());
        }
        Err(LossError::Shape {
            what,
            found: dims.to_vec(),
            expected: format!("({}, {}), that of the targets", self.rows(), self.columns),
        })
    }

    /// The present elements, by their place in row-major order.
    pub(crate) fn elements(&self) -> Selection {
        Selection::new((0..self.values.len()).map(|at| self.is_present(at)))
    }

    /// The rows that are present, each of them a distribution over the columns.
    pub(crate) fn distributions(&self) -> Result<Selection, LossError> {
        self.check(|value| value >= 0., "a probability of at least 0")?;
        let mut labelled = Vec::with_capacity(self.rows());
        for row in 0..self.rows() {
            let places = row * self.columns..(row + 1) * self.columns;
            let present = places.clone().filter(|&at| self.is_present(at)).count();
            if present != 0 && present != self.columns {
                return Err(LossError::PartlyMissing {
                    row,
                    present,
                    columns: self.columns,
                });
            }
            let sum: f64 = self.values[places].iter().sum();
            if present != 0 && (sum - 1.).abs() > Self::SUM_TOLERANCE {
                return Err(LossError::NotADistribution { row, sum });
            }
            labelled.push(present != 0);
        }
        Ok(Selection::new(labelled.into_iter()))
    }

    /// How far probabilities may sum from 1: what four written decimals lose over a few classes.
    const SUM_TOLERANCE: f64 = 1e-3;

    /// The value at a place in row-major order.
    pub(crate) fn value(&self, at: usize) -> f64 {
        self.values[at]
    }

    /// The values of a row.
    pub(crate) fn row(&self, row: usize) -> &[f64] {
        &self.values[row * self.columns..(row + 1) * self.columns]
    }

    fn is_present(&self, at: usize) -> bool {
        self.present.as_ref().is_none_or(|present| present[at])
    }
}
