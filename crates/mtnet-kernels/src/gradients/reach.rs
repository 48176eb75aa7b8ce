//! Which rows of a parameter a backward pass reached.

use std::ops::Range;

/// The rows of a parameter that hold a gradient; the others are zero.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Reach {
    /// No row: the loss does not depend on the parameter.
    #[default]
    None,
    /// These rows, rising: those of an embedding table that occurred.
    Rows(Vec<u32>),
    /// All rows.
    All,
}

impl Reach {
    /// Whether the parameter has no gradient.
    pub fn is_none(&self) -> bool {
        matches!(self, Self::None)
    }

    /// Adds what another pass reached.
    pub fn merge(&mut self, other: &Self) {
        match (&mut *self, other) {
            (_, Self::None) | (Self::All, _) => {}
            (Self::None, _) => *self = other.clone(),
            (_, Self::All) => *self = Self::All,
            (Self::Rows(rows), Self::Rows(more)) => {
                rows.extend_from_slice(more);
                rows.sort_unstable();
                rows.dedup();
            }
        }
    }

    /// The list of rows of a parameter that has `rows` of them, to be added to.
    pub fn list(&mut self, rows: usize) -> &mut Vec<u32> {
        match self {
            Self::Rows(_) => {}
            Self::None => *self = Self::Rows(Vec::new()),
            Self::All => *self = Self::Rows((0..rows as u32).collect()),
        }
        match self {
            Self::Rows(list) => list,
            _ => unreachable!("it is a list since the line above"),
        }
    }

    /// The rows that both reached.
    pub(super) fn common(&self, other: &Self) -> Self {
        match (self, other) {
            (Self::None, _) | (_, Self::None) => Self::None,
            (Self::All, reach) | (reach, Self::All) => reach.clone(),
            (Self::Rows(left), Self::Rows(right)) => {
                let rows = left.iter().filter(|row| right.binary_search(row).is_ok());
                Self::Rows(rows.copied().collect())
            }
        }
    }

    /// Runs of numbers of a parameter of `length` numbers, `width` a row.
    pub fn runs(&self, length: usize, width: usize) -> Vec<Range<usize>> {
        match self {
            Self::None => Vec::new(),
            Self::All => std::iter::once(0..length).collect(),
            Self::Rows(rows) => {
                let mut runs: Vec<Range<usize>> = Vec::new();
                for &row in rows {
                    let start = row as usize * width;
                    match runs.last_mut() {
                        Some(last) if last.end == start => last.end += width,
                        _ => runs.push(start..start + width),
                    }
                }
                runs
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbouring_rows_are_one_run_and_reaches_merge() {
        let mut reach = Reach::Rows(vec![0, 1, 4]);
        assert_eq!(reach.runs(30, 3), [0..6, 12..15]);
        assert_eq!(
            reach.common(&Reach::Rows(vec![1, 2, 4])),
            Reach::Rows(vec![1, 4])
        );
        assert_eq!(reach.common(&Reach::All), reach);
        reach.merge(&Reach::Rows(vec![2, 4]));
        assert_eq!(reach, Reach::Rows(vec![0, 1, 2, 4]));
        reach.merge(&Reach::All);
        assert_eq!(reach.runs(30, 3).len(), 1);
        assert!(Reach::None.common(&Reach::All).is_none());
    }
}
