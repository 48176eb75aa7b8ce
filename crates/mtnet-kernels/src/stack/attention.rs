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
use super::shared::Shared;
use super::small::{Left, Right, multiply, transpose};
use super::softmax::softmax_rows;
use crate::dropout::Dropout;
use crate::isa::LANES;

/// Queries whose scores are made at a time.
const QUERIES: usize = 48;

/// Scores of all heads together that one parallel task makes.
const SCORES_PER_TASK: usize = 8 * 1024;

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
}

impl Heads<'_> {
    /// `out (tokens, heads · size)`.
    pub fn forward(&self, out: &mut [f32]) {
        let out = Shared::new(out);
        self.parts(|_| true)
            .par_iter()
            .with_max_len(1)
            .for_each(|part| self.forward_part(part, &out));
    }

    fn forward_part(&self, part: &Part, out: &Shared<'_>) {
        let (size, hidden) = (self.size, self.heads * self.size);
        let range = self.offsets.range(part.sequence);
        let (length, stride) = (range.len(), stride(range.len()));
        let queries = queries_at_a_time(length);
        let mut space = Space::take(
            self.pool,
            &[size * stride, queries * stride, queries * size],
        );
        let [keys, scores, mixed] = space.split([size * stride, queries * stride, queries * size]);
        for head in part.heads.clone() {
            let mask = self.dropout.at(part.sequence).at(head).mask();
            let at = range.start * self.row + head * size;
            transpose(&self.k[at..], self.row, (length, size), keys, stride);
            for first in (0..length).step_by(queries) {
                let count = queries.min(length - first);
                let left = Left {
                    values: &self.q[at + first * self.row..],
                    row: self.row,
                    term: 1,
                };
                let scores = &mut scores[..count * stride];
                self.probabilities(left, count, keys, (length, stride), scores);
                if let Some(mask) = mask {
                    mask.apply(first * stride, scores);
                }
                let weights = Left {
                    values: scores,
                    row: stride,
                    term: 1,
                };
                let values = Right {
                    values: &self.v[at..],
                    row: self.row,
                };
                multiply((count, length, size), weights, values, false, mixed, size);
                for (query, mixed) in mixed.chunks_exact(size).take(count).enumerate() {
                    let row = range.start + first + query;
                    // SAFETY: tasks share no sequence or no head, so none writes another's numbers,
                    // and this one holds no other part.
                    let out = unsafe { out.part(row * hidden + head * size, size) };
                    out.copy_from_slice(mixed);
                }
            }
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

    /// The work, the largest tasks first, of the sequences that `has` answers for.
    pub(super) fn parts(&self, has: impl Fn(usize) -> bool) -> Vec<Part> {
        let mut parts = Vec::with_capacity(self.offsets.len());
        for (sequence, range) in self.offsets.ranges().enumerate() {
            if range.is_empty() || !has(sequence) {
                continue;
            }
            let scores = self.heads * range.len() * range.len();
            let tasks = scores.div_ceil(SCORES_PER_TASK).clamp(1, self.heads);
            parts.extend((0..tasks).map(|task| Part {
                sequence,
                heads: task * self.heads / tasks..(task + 1) * self.heads / tasks,
            }));
        }
        parts.sort_by_key(|part| {
            let length = self.offsets.range(part.sequence).len();
            std::cmp::Reverse(part.heads.len() * length * length)
        });
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
