//! Where each sequence of a packed batch begins and ends.

use std::ops::Range;

use crate::CoreError;

/// Borders of consecutive sequences: sequence `i` is rows `offsets[i]..offsets[i + 1]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offsets(Vec<u32>);

impl Default for Offsets {
    fn default() -> Self {
        Self(vec![0])
    }
}

impl Offsets {
    /// Checks and keeps borders `(sequences + 1)`.
    ///
    /// # Errors
    /// If they do not start at 0 or fall somewhere.
    pub fn new(borders: Vec<u32>) -> Result<Self, CoreError> {
        let first = borders.first().copied().unwrap_or(u32::MAX);
        if first != 0 {
            return Err(CoreError::Offsets {
                position: 0,
                before: 0,
                found: first,
            });
        }
        match borders.windows(2).position(|pair| pair[1] < pair[0]) {
            Some(at) => Err(CoreError::Offsets {
                position: at + 1,
                before: borders[at],
                found: borders[at + 1],
            }),
            None => Ok(Self(borders)),
        }
    }

    /// Borders of sequences with these lengths.
    pub fn from_lengths(lengths: impl IntoIterator<Item = usize>) -> Self {
        let mut offsets = Self::default();
        for length in lengths {
            offsets.push(length);
        }
        offsets
    }

    /// Adds a sequence of `length` rows behind the last.
    pub fn push(&mut self, length: usize) {
        self.0.push(self.total() as u32 + length as u32);
    }

    /// How many sequences there are.
    pub fn len(&self) -> usize {
        self.0.len() - 1
    }

    /// Whether there is no sequence.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Rows of all sequences together.
    pub fn total(&self) -> usize {
        self.0[self.0.len() - 1] as usize
    }

    /// Rows of sequence `index`.
    ///
    /// # Panics
    /// If there is no such sequence.
    pub fn range(&self, index: usize) -> Range<usize> {
        self.0[index] as usize..self.0[index + 1] as usize
    }

    /// Row ranges of all sequences in order.
    pub fn ranges(&self) -> impl ExactSizeIterator<Item = Range<usize>> + '_ {
        (0..self.len()).map(|index| self.range(index))
    }

    /// The borders `(sequences + 1)`.
    pub fn as_slice(&self) -> &[u32] {
        &self.0
    }

    /// Rows of the longest sequence, 0 without one.
    pub fn longest(&self) -> usize {
        self.ranges().map(|range| range.len()).max().unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_become_borders_and_falling_borders_are_refused() {
        let offsets = Offsets::from_lengths([3, 1, 2]);
        assert_eq!(offsets.as_slice(), [0, 3, 4, 6]);
        assert_eq!(offsets.ranges().collect::<Vec<_>>(), [0..3, 3..4, 4..6]);
        assert_eq!(
            (offsets.total(), offsets.longest(), offsets.len()),
            (6, 3, 3)
        );
        assert!(Offsets::new(vec![0, 4, 3]).is_err());
        assert!(Offsets::new(vec![1, 4]).is_err());
        assert!(Offsets::new(vec![]).is_err());
        assert!(Offsets::default().is_empty());
    }
}
