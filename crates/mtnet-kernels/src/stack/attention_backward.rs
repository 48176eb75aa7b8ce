//! The backward pass of attention, for the slopes of one or several tasks.
//!
//! The probabilities and the mask of a block of queries are made once and serve every task.

use std::sync::Arc;

use rayon::prelude::*;

use super::attention::{Heads, Part, Space, by_rows, mask_rows, queries_at_a_time, stride};
use super::pool::{Buffer, Pool};
use super::rows::RowSet;
use super::small::{Left, Right, multiply, transpose};
use super::softmax::softmax_backward;
use crate::linear::add_to;
use crate::shared::Shared;

/// What a backward pass reads beside the queries, keys and values.
pub(super) struct AttentionSlopes<'a> {
    /// Slopes of what attention gave `(rows of top, hidden)`.
    pub slopes: &'a [f32],
    /// Tokens that have a slope.
    pub top: &'a RowSet,
    /// All tokens of their sequences.
    pub below: &'a RowSet,
}

/// Gradients of the queries, keys and values of a batch.
pub(super) struct AttentionGradients {
    /// `(rows of below, 3 · hidden)`: those of the query, the key and the value of a token, side by
    /// side.
    pub rows: Buffer,
    /// Their sum over the rows of each task `(3 · hidden)`.
    pub sums: Vec<Buffer>,
}

impl Heads<'_> {
    pub(super) fn backward(&self, slopes: &AttentionSlopes<'_>) -> AttentionGradients {
        let (hidden, below) = (self.heads * self.size, slopes.below);
        let mut rows = self.pool.take(below.len() * 3 * hidden);
        let sums = self.backward_into(slopes, &mut rows, (3 * hidden, hidden));
        let sums = (0..below.tasks())
            .map(|task| sum_of_sequences(self.pool, below, task, &sums, 3 * hidden))
            .collect();
        AttentionGradients { rows, sums }
    }

    /// `slopes` of all tokens `(tokens, hidden)` to the gradients of `q`, `k` and `v` below one
    /// another `(3, tokens, hidden)`.
    pub fn backward_whole(&self, slopes: &[f32], out: &mut [f32]) {
        let hidden = self.heads * self.size;
        let all = &RowSet::whole(self.offsets);
        let slopes = AttentionSlopes {
            slopes,
            top: all,
            below: all,
        };
        self.backward_into(&slopes, out, (hidden, slopes.slopes.len()));
    }

    /// Number `c` of the gradient of the query (0), key (1) or value (2) of row `r` becomes
    /// `out[r · row + which · step + c]`, with `steps = (row, step)`. Gives the sums over the rows
    /// of each task and sequence `(tasks, sequences, 3 · hidden)`; those without rows are not set.
    fn backward_into(
        &self,
        slopes: &AttentionSlopes<'_>,
        out: &mut [f32],
        steps: (usize, usize),
    ) -> Buffer {
        let (top, below) = (slopes.top, slopes.below);
        let width = 3 * self.heads * self.size;
        let mut sums = self.pool.take(below.tasks() * self.offsets.len() * width);
        let out = Out {
            rows: Shared::new(out),
            steps,
            sums: Shared::new(&mut sums),
        };
        let queries = |sequence| {
            let of_task = |task| top.range(task, sequence).len();
            (0..top.tasks()).map(of_task).max().unwrap_or(0)
        };
        self.parts(queries)
            .par_iter()
            .with_max_len(1)
            .for_each(|part| self.backward_part(part, slopes, &out));
        sums
    }

    fn backward_part(&self, part: &Part, given: &AttentionSlopes<'_>, out: &Out<'_>) {
        let AttentionSlopes { top, below, .. } = *given;
        let sequence = part.sequence;
        let range = self.offsets.range(sequence);
        let (size, length, stride) = (self.size, range.len(), stride(range.len()));
        let tasks: Vec<usize> = (0..below.tasks())
            .filter(|&task| !below.range(task, sequence).is_empty())
            .collect();
        let queries = queries_of(&tasks, top, sequence);
        let at_a_time = queries_at_a_time(queries.len());
        let (table, scores, block) = (size * stride, at_a_time * stride, at_a_time * size);
        let lengths = [
            table,
            table,
            scores,
            scores,
            scores,
            block,
            block,
            block,
            3 * tasks.len() * length * size,
        ];
        let mut space = Space::take(self.pool, &lengths);
        let [
            keys,
            values,
            probabilities,
            dropped,
            slopes,
            q,
            dy,
            dq,
            gradients,
        ] = space.split(lengths);
        let scale = 1.0 / (size as f32).sqrt();

        for head in part.heads.clone() {
            let mask = self.dropout.at(sequence).at(head).mask();
            let at = range.start * self.row + head * size;
            transpose(&self.k[at..], self.row, (length, size), keys, stride);
            transpose(&self.v[at..], self.row, (length, size), values, stride);
            if queries.len() < length {
                gradients.fill(0.0);
            }
            for (number, queries) in queries.chunks(at_a_time).enumerate() {
                let (count, add) = (queries.len(), number > 0);
                self.gather_queries(queries, head, q);
                let q = &q[..count * size];
                self.probabilities(
                    by_rows(q, size),
                    count,
                    keys,
                    (length, stride),
                    probabilities,
                );
                let probabilities = &probabilities[..count * stride];
                let dropped = match mask {
                    None => probabilities,
                    Some(mask) => {
                        let dropped = &mut dropped[..count * stride];
                        dropped.copy_from_slice(probabilities);
                        mask_rows(mask, queries, range.start, dropped, stride);
                        &*dropped
                    }
                };
                for (&task, gradients) in tasks
                    .iter()
                    .zip(gradients.chunks_exact_mut(3 * length * size))
                {
                    let columns = (head * size, size, self.heads * size);
                    gather(given, (task, sequence), queries, columns, dy);
                    let dy = &dy[..count * size];
                    let slopes = &mut slopes[..count * stride];
                    let columns = Right {
                        values,
                        row: stride,
                    };
                    multiply(
                        (count, size, stride),
                        by_rows(dy, size),
                        columns,
                        false,
                        slopes,
                        stride,
                    );
                    if let Some(mask) = mask {
                        mask_rows(mask, queries, range.start, slopes, stride);
                    }
                    softmax_backward(probabilities, slopes, stride, scale);

                    let (to_q, rest) = gradients.split_at_mut(length * size);
                    let (to_k, to_v) = rest.split_at_mut(length * size);
                    let shape = (length, count, size);
                    let rows = |values| Right { values, row: size };
                    multiply(
                        shape,
                        by_columns(dropped, stride),
                        rows(dy),
                        add,
                        to_v,
                        size,
                    );
                    multiply(shape, by_columns(slopes, stride), rows(q), add, to_k, size);
                    let keys = Right {
                        values: &self.k[at..],
                        row: self.row,
                    };
                    let shape = (count, length, size);
                    multiply(shape, by_rows(slopes, stride), keys, false, dq, size);
                    for (dq, &token) in dq.chunks_exact(size).zip(queries) {
                        let query = token as usize - range.start;
                        to_q[query * size..][..size].copy_from_slice(dq);
                    }
                }
            }
            for (&task, gradients) in tasks.iter().zip(gradients.chunks_exact(3 * length * size)) {
                self.write(out, below, (task, sequence, head), gradients);
            }
        }
    }

    /// Puts the gradients of one head, `(3, length, size)`, into its columns, with their sums.
    fn write(
        &self,
        out: &Out<'_>,
        below: &RowSet,
        (task, sequence, head): (usize, usize, usize),
        gradients: &[f32],
    ) {
        let (size, hidden) = (self.size, self.heads * self.size);
        let rows = below.range(task, sequence);
        for (which, gradients) in gradients.chunks_exact(rows.len() * size).enumerate() {
            let column = which * hidden + head * size;
            let at = which * out.steps.1 + head * size;
            let sum_row = task * self.offsets.len() + sequence;
            // SAFETY: tasks share no sequence or no head, so none writes another's numbers; this
            // one holds only parts of two different slices at a time.
            let sum = unsafe { out.sums.part(sum_row * 3 * hidden + column, size) };
            sum.fill(0.0);
            for (row, gradient) in rows.clone().zip(gradients.chunks_exact(size)) {
                // SAFETY: as above.
                let to = unsafe { out.rows.part(row * out.steps.0 + at, size) };
                to.copy_from_slice(gradient);
                add_to(sum, gradient);
            }
        }
    }
}

struct Out<'a> {
    rows: Shared<'a>,
    /// Numbers from row to row, and from queries to keys to values.
    steps: (usize, usize),
    /// Sums over the rows of each task and sequence.
    sums: Shared<'a>,
}

fn by_columns(values: &[f32], row: usize) -> Left<'_> {
    Left {
        values,
        row: 1,
        term: row,
    }
}

/// Tokens of a sequence that have a slope in any of the tasks, ascending.
fn queries_of(tasks: &[usize], top: &RowSet, sequence: usize) -> Vec<u32> {
    let mut queries: Vec<u32> = tasks
        .iter()
        .flat_map(|&task| top.tokens(top.range(task, sequence)))
        .copied()
        .collect();
    if tasks.len() > 1 {
        queries.sort_unstable();
        queries.dedup();
    }
    queries
}

/// The slopes of a head for these tokens of a sequence, 0 where the task has none.
fn gather(
    given: &AttentionSlopes<'_>,
    (task, sequence): (usize, usize),
    queries: &[u32],
    (column, size, hidden): (usize, usize, usize),
    out: &mut [f32],
) {
    let rows = given.top.range(task, sequence);
    let tokens = given.top.tokens(rows.clone());
    let mut next = tokens.partition_point(|&token| token < queries[0]);
    for (out, &query) in out.chunks_exact_mut(size).zip(queries) {
        if tokens.get(next) == Some(&query) {
            let at = (rows.start + next) * hidden + column;
            out.copy_from_slice(&given.slopes[at..at + size]);
            next += 1;
        } else {
            out.fill(0.0);
        }
    }
}

fn sum_of_sequences(
    pool: &Arc<Pool>,
    below: &RowSet,
    task: usize,
    sums: &[f32],
    width: usize,
) -> Buffer {
    let mut total = pool.take_zeroed(width);
    let ranges = below.ranges(task);
    for (sequence, range) in ranges.iter().enumerate() {
        if !range.is_empty() {
            add_to(
                &mut total,
                &sums[(task * ranges.len() + sequence) * width..][..width],
            );
        }
    }
    total
}
