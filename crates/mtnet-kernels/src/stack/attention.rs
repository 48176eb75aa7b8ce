//! Multi-head self-attention inside each sequence, forward and backward, on rows of any distance.
//!
//! `softmax(q · kᵀ / sqrt(d)) · v` (Vaswani et al. 2017, §3.2), one sequence and head at a time and
//! some queries at a time, so that all of it stays in cache. Backward computes the probabilities
//! `p` again. With `s = q · kᵀ / sqrt(d)`, `d` what dropout leaves of `p`, and `dy` the slope:
//! `dv = dᵀ · dy`, `dp = mask · (dy · vᵀ)`, `ds = p · (dp - Σ p · dp)`, `dq = ds · k / sqrt(d)`,
//! `dk = dsᵀ · q / sqrt(d)`.

use std::ops::Range;
use std::sync::Arc;

use mtnet_core::Offsets;
use rayon::prelude::*;

use super::pool::{Buffer, Pool};
use super::rows::RowSet;
use super::small::{Left, Right, multiply, transpose};
use super::softmax::softmax_rows;
use crate::dropout::{Dropout, Mask};
use crate::isa::LANES;
use crate::shared::Shared;

/// Queries whose scores are made at a time.
const QUERIES: usize = 48;

/// Scores of all heads together that one parallel task makes.
const SCORES_PER_TASK: usize = 2 * 1024;

/// Queries, keys and values of a batch.
pub(crate) struct Heads<'a> {
    /// Rows of `heads · size` numbers, head by head, `row` apart.
    pub q: &'a [f32],
    /// Likewise.
    pub k: &'a [f32],
    /// Likewise.
    pub v: &'a [f32],
    /// Numbers from one row of `q`, `k` or `v` to the next.
    pub row: usize,
    pub heads: usize,
    /// Numbers of a row that a head reads.
    pub size: usize,
    pub offsets: &'a Offsets,
    pub dropout: &'a Dropout,
    pub pool: &'a Arc<Pool>,
}

/// Some heads of a sequence: the work of one parallel task.
pub(super) struct Part {
    pub sequence: usize,
    pub heads: Range<usize>,
    /// Scores that it makes, about.
    scores: usize,
}

impl Heads<'_> {
    /// What the tokens of one set of rows gather from all tokens of their sequences:
    /// `out (rows, heads · size)`.
    pub(super) fn forward(&self, rows: &RowSet, out: &mut [f32]) {
        let out = Shared::new(out);
        self.parts(|sequence| rows.range(0, sequence).len())
            .par_iter()
            .with_max_len(1)
            .for_each(|part| self.forward_part(part, rows, &out));
    }

    /// The same for all tokens.
    pub fn forward_whole(&self, out: &mut [f32]) {
        self.forward(&RowSet::whole(self.offsets), out);
    }

    fn forward_part(&self, part: &Part, rows: &RowSet, out: &Shared<'_>) {
        let (size, hidden) = (self.size, self.heads * self.size);
        let range = self.offsets.range(part.sequence);
        let (length, stride) = (range.len(), stride(range.len()));
        let rows_here = rows.range(0, part.sequence);
        let queries = rows.tokens(rows_here.clone());
        let at_a_time = queries_at_a_time(queries.len());
        let block = at_a_time * size;
        let lengths = [size * stride, at_a_time * stride, block, block];
        let mut space = Space::take(self.pool, &lengths);
        let [keys, scores, q, mixed] = space.split(lengths);
        for head in part.heads.clone() {
            let mask = self.dropout.at(part.sequence).at(head).mask();
            let at = range.start * self.row + head * size;
            transpose(&self.k[at..], self.row, (length, size), keys, stride);
            for (number, queries) in queries.chunks(at_a_time).enumerate() {
                let count = queries.len();
                self.gather_queries(queries, head, q);
                let scores = &mut scores[..count * stride];
                self.probabilities(by_rows(q, size), count, keys, (length, stride), scores);
                if let Some(mask) = mask {
                    mask_rows(mask, queries, range.start, scores, stride);
                }
                let values = Right {
                    values: &self.v[at..],
                    row: self.row,
                };
                let shape = (count, length, size);
                multiply(shape, by_rows(scores, stride), values, false, mixed, size);
                let first = rows_here.start + number * at_a_time;
                for (row, mixed) in (first..).zip(mixed.chunks_exact(size).take(count)) {
                    // SAFETY: tasks share no sequence or no head, so none writes another's numbers,
                    // and this one holds no other part.
                    let out = unsafe { out.part(row * hidden + head * size, size) };
                    out.copy_from_slice(mixed);
                }
            }
        }
    }

    /// The queries of a head for these tokens, one below another.
    pub(super) fn gather_queries(&self, tokens: &[u32], head: usize, out: &mut [f32]) {
        for (out, &token) in out.chunks_exact_mut(self.size).zip(tokens) {
            let at = token as usize * self.row + head * self.size;
            out.copy_from_slice(&self.q[at..at + self.size]);
        }
    }

    /// Softmax of the scores of `count` queries against the transposed keys. Columns past the
    /// length are 0.
    pub(super) fn probabilities(
        &self,
        queries: Left<'_>,
        count: usize,
        keys: &[f32],
        (length, stride): (usize, usize),
        out: &mut [f32],
    ) {
        let keys = Right {
            values: keys,
            row: stride,
        };
        multiply(
            (count, self.size, stride),
            queries,
            keys,
            false,
            out,
            stride,
        );
        let scale = 1.0 / (self.size as f32).sqrt();
        softmax_rows(&mut out[..count * stride], (length, stride), scale);
    }

    /// The work, the largest tasks first, for as many queries of each sequence as that says.
    pub(super) fn parts(&self, queries: impl Fn(usize) -> usize) -> Vec<Part> {
        let mut parts = Vec::with_capacity(self.offsets.len());
        for (sequence, range) in self.offsets.ranges().enumerate() {
            let scores = self.heads * queries(sequence) * range.len();
            if scores == 0 {
                continue;
            }
            let tasks = scores.div_ceil(SCORES_PER_TASK).clamp(1, self.heads);
            parts.extend((0..tasks).map(|task| Part {
                sequence,
                heads: task * self.heads / tasks..(task + 1) * self.heads / tasks,
                scores: scores / tasks,
            }));
        }
        parts.sort_by_key(|part| std::cmp::Reverse(part.scores));
        parts
    }
}

/// Numbers from one row of scores to the next: whole vectors. The numbering of dropout's elements
/// goes by it.
pub(super) fn stride(length: usize) -> usize {
    length.next_multiple_of(LANES)
}

/// Queries of a block: as even a cut of the length as whole tiles of 8 allow.
pub(super) fn queries_at_a_time(length: usize) -> usize {
    let blocks = length.div_ceil(QUERIES).max(1);
    length.div_ceil(blocks).next_multiple_of(8)
}

/// Applies a mask to the scores of some queries of the sequence that begins at token `start`.
pub(super) fn mask_rows(
    mask: Mask,
    queries: &[u32],
    start: usize,
    scores: &mut [f32],
    stride: usize,
) {
    for (row, &token) in scores.chunks_exact_mut(stride).zip(queries) {
        mask.apply((token as usize - start) * stride, row);
    }
}

/// A matrix whose rows stand one below another.
pub(super) fn by_rows(values: &[f32], row: usize) -> Left<'_> {
    Left {
        values,
        row,
        term: 1,
    }
}

/// Work space of one task, on whole cache lines.
pub(super) struct Space {
    buffer: Buffer,
}

impl Space {
    pub fn take(pool: &Arc<Pool>, lengths: &[usize]) -> Self {
        let length = lengths.iter().map(|length| length.next_multiple_of(LANES));
        Self {
            buffer: pool.take(length.sum()),
        }
    }

    /// Parts of these lengths.
    pub fn split<const PARTS: usize>(&mut self, lengths: [usize; PARTS]) -> [&mut [f32]; PARTS] {
        let mut rest: &mut [f32] = &mut self.buffer;
        lengths.map(|length| {
            let (part, others) =
                std::mem::take(&mut rest).split_at_mut(length.next_multiple_of(LANES));
            rest = others;
            &mut part[..length]
        })
    }
}
