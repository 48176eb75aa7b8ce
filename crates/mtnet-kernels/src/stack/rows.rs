//! Which rows take part in a backward pass.
//!
//! A head that reads one token of a text gives slopes that are 0 in all other rows, and a task
//! with examples of its own gives none to the others' texts. Rows without a slope have no part in
//! any gradient up to the attention below them, and texts without one have none at all: such rows
//! are left out, and those of several tasks stand below one another.

use std::ops::{Deref, Range};
use std::sync::Arc;

use candle_core::{Result, bail};
use mtnet_core::Offsets;

use super::pool::{Buffer, Pool};
use super::row::any_set;

/// The rows of one or several slopes.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct RowSet {
    /// Token that each row belongs to, ascending within a task.
    tokens: Vec<u32>,
    /// Rows of task `t`: `borders[t]..borders[t + 1]`.
    borders: Vec<usize>,
    /// Rows of sequence `s` in task `t`: number `t · sequences + s`.
    ranges: Vec<Range<usize>>,
    sequences: usize,
    /// Tokens of the batch.
    count: usize,
    /// Whether every task has every token.
    whole: bool,
}

impl RowSet {
    /// Rows in which a slope `(tokens, width)` is not 0, or all where most are.
    pub fn of_slopes(slopes: &[&[f32]], width: usize, offsets: &Offsets) -> Self {
        let set: Vec<Vec<bool>> = slopes
            .iter()
            .map(|slope| slope.chunks_exact(width).map(any_set).collect())
            .collect();
        let count: usize = set.iter().flatten().filter(|&&set| set).count();
        let most = are_most(count, slopes.len() * offsets.total());
        Self::collect(slopes.len(), offsets, |task, token| {
            most || set[task][token]
        })
    }

    /// These tokens' rows of one task, or all where most are named.
    ///
    /// # Errors
    /// If there is no such token.
    pub fn of_tokens(tokens: &[u32], offsets: &Offsets) -> Result<Self> {
        let mut set = vec![false; offsets.total()];
        for &token in tokens {
            let Some(set) = set.get_mut(token as usize) else {
                bail!("stack: row {token} is wanted of {} tokens", offsets.total());
            };
            *set = true;
        }
        let most = are_most(set.iter().filter(|&&set| set).count(), offsets.total());
        Ok(Self::collect(1, offsets, |_, token| most || set[token]))
    }

    /// All rows of one task.
    pub fn whole(offsets: &Offsets) -> Self {
        Self::collect(1, offsets, |_, _| true)
    }

    /// All rows of the sequences that have one here.
    pub fn of_sequences(&self, offsets: &Offsets) -> Self {
        let mut sequence_of = vec![0; offsets.total()];
        for (sequence, range) in offsets.ranges().enumerate() {
            sequence_of[range].fill(sequence);
        }
        Self::collect(self.tasks(), offsets, |task, token| {
            !self.range(task, sequence_of[token]).is_empty()
        })
    }

    fn collect(tasks: usize, offsets: &Offsets, has: impl Fn(usize, usize) -> bool) -> Self {
        let mut rows = Self {
            tokens: Vec::with_capacity(tasks * offsets.total()),
            borders: vec![0],
            ranges: Vec::with_capacity(tasks * offsets.len()),
            sequences: offsets.len(),
            count: offsets.total(),
            whole: false,
        };
        for task in 0..tasks {
            for range in offsets.ranges() {
                let first = rows.tokens.len();
                let kept = range.filter(|&token| has(task, token));
                rows.tokens.extend(kept.map(|token| token as u32));
                rows.ranges.push(first..rows.tokens.len());
            }
            rows.borders.push(rows.tokens.len());
        }
        rows.whole = rows.tokens.len() == tasks * offsets.total();
        rows
    }

    /// Rows of all tasks.
    pub fn len(&self) -> usize {
        self.tokens.len()
    }

    /// How many tasks there are.
    pub fn tasks(&self) -> usize {
        self.borders.len() - 1
    }

    /// Where each task's rows begin, and the end.
    pub fn borders(&self) -> &[usize] {
        &self.borders
    }

    /// Rows of a task.
    pub fn task(&self, task: usize) -> Range<usize> {
        self.borders[task]..self.borders[task + 1]
    }

    /// Rows of a sequence in a task.
    pub fn range(&self, task: usize, sequence: usize) -> Range<usize> {
        self.ranges[task * self.sequences + sequence].clone()
    }

    /// Row ranges of the sequences of a task.
    pub fn ranges(&self, task: usize) -> &[Range<usize>] {
        &self.ranges[task * self.sequences..][..self.sequences]
    }

    /// The token of a row.
    pub fn token(&self, row: usize) -> usize {
        self.tokens[row] as usize
    }

    /// The tokens of these rows.
    pub fn tokens(&self, rows: Range<usize>) -> &[u32] {
        &self.tokens[rows]
    }

    /// Cuts `count` rows from `first` on where a task ends.
    pub fn pieces(&self, first: usize, count: usize) -> impl Iterator<Item = Range<usize>> + '_ {
        let rows = first..first + count;
        (0..self.tasks()).filter_map(move |task| {
            let task = self.task(task);
            let piece = task.start.max(rows.start)..task.end.min(rows.end);
            (!piece.is_empty()).then_some(piece)
        })
    }

    /// The task's rows of `values (tokens, width)`.
    pub fn gather<'a>(
        &self,
        task: usize,
        values: &'a [f32],
        width: usize,
        pool: &Arc<Pool>,
    ) -> Gathered<'a> {
        if self.whole {
            return Gathered::AsTheyAre(values);
        }
        let tokens = self.tokens(self.task(task));
        let mut copies = pool.take(tokens.len() * width);
        for (copy, &token) in copies.chunks_exact_mut(width).zip(tokens) {
            copy.copy_from_slice(&values[token as usize * width..][..width]);
        }
        Gathered::Copied(copies)
    }

    /// The rows of one task at the places of their tokens `(tokens, width)`, between zeros.
    pub fn spread(&self, rows: &[f32], width: usize) -> Vec<f32> {
        if self.whole {
            return rows.to_vec();
        }
        let mut values = vec![0.0; self.count * width];
        for (row, &token) in rows.chunks_exact(width).zip(&self.tokens) {
            values[token as usize * width..][..width].copy_from_slice(row);
        }
        values
    }

    /// For each row of `all`, the row here of the same task and token; `None` where the two are
    /// the same set.
    pub fn positions_in(&self, all: &Self) -> Option<Vec<Option<u32>>> {
        if self == all {
            return None;
        }
        let mut positions = vec![None; all.len()];
        for task in 0..self.tasks() {
            let mut at = all.task(task).start;
            for row in self.task(task) {
                while all.tokens[at] != self.tokens[row] {
                    at += 1;
                }
                positions[at] = Some(row as u32);
            }
        }
        Some(positions)
    }
}

/// Whether leaving out the other rows would save less than the copies of these cost, that stand
/// between them.
fn are_most(count: usize, all: usize) -> bool {
    4 * count > 3 * all
}

/// Rows that stand one below another.
#[derive(Debug)]
pub(super) enum Gathered<'a> {
    /// All rows of the batch.
    AsTheyAre(&'a [f32]),
    /// Some of them.
    Copied(Buffer),
}

impl Deref for Gathered<'_> {
    type Target = [f32];

    fn deref(&self) -> &[f32] {
        match self {
            Self::AsTheyAre(values) => values,
            Self::Copied(copies) => copies,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn slopes(tokens: &[usize]) -> Vec<f32> {
        let mut slopes = vec![0.0; 18];
        tokens.iter().for_each(|token| slopes[2 * token + 1] = -1.0);
        slopes
    }

    #[test]
    fn rows_without_a_slope_are_left_out() {
        let offsets = Offsets::from_lengths([3, 2, 4]);
        let (first, second) = (slopes(&[0, 3]), slopes(&[8]));
        let top = RowSet::of_slopes(&[&first, &second], 2, &offsets);
        assert_eq!(
            (&*top.tokens, top.borders()),
            (&[0, 3, 8][..], &[0, 2, 3][..])
        );
        let below = top.of_sequences(&offsets);
        assert_eq!(below.tokens, [0, 1, 2, 3, 4, 5, 6, 7, 8]);
        assert_eq!((below.task(1), below.range(1, 2)), (5..9, 5..9));
        assert!(below.range(1, 0).is_empty());
        assert_eq!(below.pieces(4, 3).collect::<Vec<_>>(), [4..5, 5..7]);
        let positions = top.positions_in(&below).unwrap();
        assert_eq!(positions[0], Some(0));
        assert_eq!(positions[3], Some(1));
        assert_eq!(positions[8], Some(2));
        assert_eq!(positions.iter().flatten().count(), 3);
        let values: Vec<f32> = (0..18).map(|x| x as f32).collect();
        assert_eq!(
            *top.gather(0, &values, 2, &Arc::default()),
            [0.0, 1.0, 6.0, 7.0]
        );
    }

    #[test]
    fn all_rows_stay_where_most_have_a_slope() {
        let offsets = Offsets::from_lengths([3, 2, 4]);
        let most = slopes(&[0, 1, 2, 3, 4, 5, 7]);
        let rows = RowSet::of_slopes(&[&most], 2, &offsets);
        assert_eq!(rows.len(), 9);
        assert!(matches!(
            rows.gather(0, &most, 2, &Arc::default()),
            Gathered::AsTheyAre(_)
        ));
        assert!(rows.positions_in(&rows.of_sequences(&offsets)).is_none());
    }
}
