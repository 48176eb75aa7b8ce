//! Targets that name one class a row.

use crate::LossError;
use crate::selection::Selection;

/// The label that means "no label here", unless another is chosen with
/// [`ClassTargets::ignoring`].
pub const IGNORED_LABEL: u32 = u32::MAX;

/// Class index of each row `(rows)`; rows with the ignored label take no part.
#[derive(Clone, Copy, Debug)]
pub struct ClassTargets<'a> {
    labels: &'a [u32],
    ignored: u32,
}

impl<'a> ClassTargets<'a> {
    /// Targets in which [`IGNORED_LABEL`] marks a missing one.
    pub fn new(labels: &'a [u32]) -> Self {
        Self {
            labels,
            ignored: IGNORED_LABEL,
        }
    }

    /// The same targets with `label` as the mark of a missing one.
    pub fn ignoring(self, label: u32) -> Self {
        Self {
            ignored: label,
            ..self
        }
    }

    /// The labelled rows of `rows`, and the label of each.
    pub(crate) fn select(
        &self,
        rows: usize,
        classes: usize,
    ) -> Result<(Selection, Vec<u32>), LossError> {
        if self.labels.len() != rows {
            return Err(LossError::TargetCount {
                rows,
                targets: self.labels.len(),
            });
        }
        let is_labelled = |label: &u32| *label != self.ignored;
        for (row, &label) in self.labels.iter().enumerate() {
            if is_labelled(&label) && label as usize >= classes {
                return Err(LossError::ClassOutOfRange {
                    row,
                    label,
                    classes,
                });
            }
        }
        let selection = Selection::new(self.labels.iter().map(is_labelled));
        let labels = self.labels.iter().copied().filter(is_labelled).collect();
        Ok((selection, labels))
    }
}

impl<'a> From<&'a [u32]> for ClassTargets<'a> {
    fn from(labels: &'a [u32]) -> Self {
        Self::new(labels)
    }
}

impl<'a> From<&'a Vec<u32>> for ClassTargets<'a> {
    fn from(labels: &'a Vec<u32>) -> Self {
        Self::new(labels)
    }
}

impl<'a, const ROWS: usize> From<&'a [u32; ROWS]> for ClassTargets<'a> {
    fn from(labels: &'a [u32; ROWS]) -> Self {
        Self::new(labels)
    }
}
