//! The gradients of a step, read piece by piece so that no copy of them is made.

use crate::numeric::dot;
use crate::{BalanceError, Gramian, TaskLosses};

/// Entries read at a time: a piece of some tens of tasks stays in the cache.
const PIECE: usize = 1024;

/// One gradient a present task, all of the same length, in single or double precision.
#[derive(Clone, Debug)]
pub struct GradientRows<'a> {
    rows: Rows<'a>,
    columns: usize,
}

#[derive(Clone, Debug)]
enum Rows<'a> {
    F32(Vec<&'a [f32]>),
    F64(Vec<&'a [f64]>),
}

impl<'a> GradientRows<'a> {
    /// Gradients in single precision.
    ///
    /// # Errors
    /// [`BalanceError::Gramian`] if they differ in length.
    pub fn from_f32<R: AsRef<[f32]>>(rows: &'a [R]) -> Result<Self, BalanceError> {
        let rows: Vec<&[f32]> = rows.iter().map(AsRef::as_ref).collect();
        let columns = common_length(rows.iter().map(|row| row.len()))?;
        let rows = Rows::F32(rows);
        Ok(Self { rows, columns })
    }

    /// Gradients in double precision.
    ///
    /// # Errors
    /// [`BalanceError::Gramian`] if they differ in length.
    pub fn from_f64<R: AsRef<[f64]>>(rows: &'a [R]) -> Result<Self, BalanceError> {
        let rows: Vec<&[f64]> = rows.iter().map(AsRef::as_ref).collect();
        let columns = common_length(rows.iter().map(|row| row.len()))?;
        let rows = Rows::F64(rows);
        Ok(Self { rows, columns })
    }

    /// Number of gradients.
    pub fn count(&self) -> usize {
        match &self.rows {
            Rows::F32(rows) => rows.len(),
            Rows::F64(rows) => rows.len(),
        }
    }

    /// Number of entries of each.
    pub fn columns(&self) -> usize {
        self.columns
    }

    /// The Gramian, summed in a fixed order.
    ///
    /// # Errors
    /// [`BalanceError::Gramian`] if an entry of a gradient is not finite.
    pub fn gramian(&self) -> Result<Gramian, BalanceError> {
        let size = self.count();
        let mut values = vec![0.0; size * size];
        self.for_each_piece(|_, piece| {
            for i in 0..size {
                for j in 0..=i {
                    values[i * size + j] += dot(&piece[i], &piece[j]);
                }
            }
        });
        for i in 0..size {
            for j in 0..i {
                values[j * size + i] = values[i * size + j];
            }
        }
        Gramian::new(size, values)
    }

    /// Calls `visit(start, rows)` for consecutive pieces of all gradients.
    pub(super) fn for_each_piece(&self, mut visit: impl FnMut(usize, &[Vec<f64>])) {
        let mut piece: Vec<Vec<f64>> = vec![Vec::with_capacity(PIECE); self.count()];
        for start in (0..self.columns).step_by(PIECE) {
            let range = start..self.columns.min(start + PIECE);
            for (index, entries) in piece.iter_mut().enumerate() {
                entries.clear();
                match &self.rows {
                    Rows::F32(rows) => {
                        entries.extend(rows[index][range.clone()].iter().map(|e| f64::from(*e)));
                    }
                    Rows::F64(rows) => entries.extend_from_slice(&rows[index][range.clone()]),
                }
            }
            visit(start, &piece);
        }
    }

    /// Writes `Σ w_i g_i`.
    pub(crate) fn write_sum(&self, weights: &[f64], write: &mut dyn FnMut(usize, &[f64])) {
        let mut sum = Vec::with_capacity(PIECE);
        self.for_each_piece(|start, piece| {
            add_up(&mut sum, weights, piece);
            write(start, &sum);
        });
    }

    /// Positions of the present tasks, as many as there are gradients.
    pub(crate) fn tasks(&self, losses: &TaskLosses) -> Result<Vec<usize>, BalanceError> {
        let tasks: Vec<usize> = losses.present().map(|(task, _)| task).collect();
        if tasks.len() == self.count() {
            Ok(tasks)
        } else {
            Err(BalanceError::GramianSize {
                expected: tasks.len(),
                found: self.count(),
            })
        }
    }
}

/// `sum = Σ w_i row_i`.
fn add_up(sum: &mut Vec<f64>, weights: &[f64], rows: &[Vec<f64>]) {
    sum.clear();
    sum.resize(rows.first().map_or(0, Vec::len), 0.0);
    for (weight, row) in weights.iter().zip(rows) {
        for (sum, entry) in sum.iter_mut().zip(row) {
            *sum += weight * entry;
        }
    }
}

fn common_length(lengths: impl Iterator<Item = usize>) -> Result<usize, BalanceError> {
    let mut common = None;
    for (row, length) in lengths.enumerate() {
        let expected = *common.get_or_insert(length);
        if length != expected {
            let problem = format!("gradient {row} has {length} entries, expected {expected}");
            return Err(BalanceError::Gramian { problem });
        }
    }
    Ok(common.unwrap_or(0))
}
