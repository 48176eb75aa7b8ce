//! Multi-head self-attention inside each sequence of a packed batch.
//!
//! `softmax(q · kᵀ / sqrt(d)) · v` a head (Vaswani et al. 2017, §3.2,
//! <https://arxiv.org/abs/1706.03762>), computed one sequence and head at a time, so that its
//! scores stay in cache and no score between two sequences is ever formed. Backward computes the
//! probabilities again: they are cheaper to make than to keep.

use std::sync::Arc;

use candle_core::{CpuStorage, CustomOp3, Layout, Result, Shape, Tensor, bail};
use mtnet_core::Offsets;
use rayon::prelude::*;

use crate::dropout::Dropout;
use crate::isa::{exp, lane_sum, vectorized};
use crate::plain;
use crate::segment::check;
use crate::storage::{floats, fused, split_rows};

/// Attention of every token to the tokens of its own sequence.
///
/// `q`, `k` and `v (tokens, heads · head size)`, head by head within a row; gives the same shape.
/// Dropout falls on the probabilities.
///
/// # Errors
/// If shapes differ, the width is no multiple of `num_heads`, or the offsets do not span the tokens.
pub fn attention(
    q: &Tensor,
    k: &Tensor,
    v: &Tensor,
    offsets: &Arc<Offsets>,
    num_heads: usize,
    dropout: &Dropout,
) -> Result<Tensor> {
    check(q, offsets, "attention")?;
    let (_, hidden) = q.dims2()?;
    if num_heads == 0 || hidden % num_heads != 0 || q.dims() != k.dims() || q.dims() != v.dims() {
        bail!(
            "attention: expected q, k and v of one shape whose width {num_heads} heads divide, found {:?}, {:?} and {:?}",
            q.dims(),
            k.dims(),
            v.dims()
        );
    }
    if fused(q) {
        let op = Attention {
            offsets: offsets.clone(),
            heads: num_heads,
            dropout: *dropout,
        };
        q.contiguous()?
            .apply_op3(&k.contiguous()?, &v.contiguous()?, op)
    } else {
        plain::attention(q, k, v, offsets, num_heads, dropout)
    }
}

#[derive(Clone)]
struct Attention {
    offsets: Arc<Offsets>,
    heads: usize,
    dropout: Dropout,
}

impl CustomOp3 for Attention {
    fn name(&self) -> &'static str {
        "attention"
    }

    fn cpu_fwd(
        &self,
        q: &CpuStorage,
        lq: &Layout,
        k: &CpuStorage,
        lk: &Layout,
        v: &CpuStorage,
        lv: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        let (_, hidden) = lq.shape().dims2()?;
        let (q, k, v) = (
            floats("attention", q, lq)?,
            floats("attention", k, lk)?,
            floats("attention", v, lv)?,
        );
        let mut out = vec![0f32; q.len()];
        let parts = split_rows(
            &mut out,
            hidden,
            self.offsets.ranges().map(|range| range.len()),
        );
        parts.into_par_iter().enumerate().for_each_init(
            Scratch::default,
            |scratch, (sequence, out)| {
                let range = self.offsets.range(sequence);
                let rows = range.start * hidden..range.end * hidden;
                let sequence_dropout = self.dropout.at(sequence);
                for head in 0..self.heads {
                    let view = Head::new(
                        &q[rows.clone()],
                        &k[rows.clone()],
                        &v[rows.clone()],
                        hidden,
                        self.heads,
                        head,
                    );
                    view.probabilities(scratch, &sequence_dropout.at(head));
                    view.mix(&scratch.dropped, out);
                }
            },
        );
        Ok((CpuStorage::F32(out), lq.shape().clone()))
    }

    fn bwd(
        &self,
        q: &Tensor,
        k: &Tensor,
        v: &Tensor,
        _: &Tensor,
        dy: &Tensor,
    ) -> Result<(Option<Tensor>, Option<Tensor>, Option<Tensor>)> {
        let (tokens, _) = q.dims2()?;
        let dy = dy.contiguous()?;
        let all = q.apply_op3_no_bwd(
            k,
            v,
            &AttentionBackward {
                forward: self.clone(),
                dy,
            },
        )?;
        let part = |index: usize| all.narrow(0, index * tokens, tokens).map(Some);
        Ok((part(0)?, part(1)?, part(2)?))
    }
}

/// `(q, k, v)` to their gradients below one another `(3 · tokens, hidden)`.
struct AttentionBackward {
    forward: Attention,
    dy: Tensor,
}

impl CustomOp3 for AttentionBackward {
    fn name(&self) -> &'static str {
        "attention-backward"
    }

    fn cpu_fwd(
        &self,
        q: &CpuStorage,
        lq: &Layout,
        k: &CpuStorage,
        lk: &Layout,
        v: &CpuStorage,
        lv: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        let name = "attention-backward";
        let (tokens, hidden) = lq.shape().dims2()?;
        let (q, k, v) = (
            floats(name, q, lq)?,
            floats(name, k, lk)?,
            floats(name, v, lv)?,
        );
        let (dy, dy_layout) = self.dy.storage_and_layout();
        let candle_core::Storage::Cpu(dy) = &*dy else {
            bail!("{name}: the gradient lies on another device")
        };
        let dy = floats(name, dy, dy_layout)?;

        let Attention {
            offsets,
            heads,
            dropout,
        } = &self.forward;
        let mut out = vec![0f32; 3 * q.len()];
        let (dq, rest) = out.split_at_mut(q.len());
        let (dk, dv) = rest.split_at_mut(q.len());
        let cut = |values| split_rows(values, hidden, offsets.ranges().map(|range| range.len()));
        let parts: Vec<_> = cut(dq).into_iter().zip(cut(dk)).zip(cut(dv)).collect();
        parts.into_par_iter().enumerate().for_each_init(
            Scratch::default,
            |scratch, (sequence, ((dq, dk), dv))| {
                let range = offsets.range(sequence);
                let rows = range.start * hidden..range.end * hidden;
                let sequence_dropout = dropout.at(sequence);
                for head in 0..*heads {
                    let view = Head::new(
                        &q[rows.clone()],
                        &k[rows.clone()],
                        &v[rows.clone()],
                        hidden,
                        *heads,
                        head,
                    );
                    let head_dropout = sequence_dropout.at(head);
                    view.probabilities(scratch, &head_dropout);
                    view.backward(
                        &dy[rows.clone()],
                        scratch,
                        &head_dropout,
                        Gradients { dq, dk, dv },
                    );
                }
            },
        );
        Ok((CpuStorage::F32(out), Shape::from((3 * tokens, hidden))))
    }
}

struct Gradients<'a> {
    dq: &'a mut [f32],
    dk: &'a mut [f32],
    dv: &'a mut [f32],
}

/// Work space of one sequence and head; kept by a thread from one to the next.
#[derive(Default)]
struct Scratch {
    /// Keys or values by column `(head size, stride)`.
    transposed: Vec<f32>,
    /// Probabilities `(length, stride)`.
    probabilities: Vec<f32>,
    /// The same after dropout.
    dropped: Vec<f32>,
    /// Gradients of the probabilities `(length, stride)`.
    slopes: Vec<f32>,
}

/// Rows of one sequence, seen by one head.
struct Head<'a> {
    q: &'a [f32],
    k: &'a [f32],
    v: &'a [f32],
    hidden: usize,
    size: usize,
    column: usize,
    length: usize,
    /// Numbers from one row of scores to the next: whole vectors, so that dropout blocks align.
    stride: usize,
}

impl<'a> Head<'a> {
    fn new(
        q: &'a [f32],
        k: &'a [f32],
        v: &'a [f32],
        hidden: usize,
        heads: usize,
        head: usize,
    ) -> Self {
        let (size, length) = (hidden / heads, q.len() / hidden);
        Self {
            q,
            k,
            v,
            hidden,
            size,
            column: head * size,
            length,
            stride: length.next_multiple_of(16),
        }
    }

    fn row<'b>(&self, values: &'b [f32], row: usize) -> &'b [f32] {
        &values[row * self.hidden + self.column..][..self.size]
    }

    fn transpose(&self, values: &[f32], out: &mut Vec<f32>) {
        out.clear();
        out.resize(self.size * self.stride, 0.0);
        for row in 0..self.length {
            for (column, &value) in self.row(values, row).iter().enumerate() {
                out[column * self.stride + row] = value;
            }
        }
    }

    /// Fills the probabilities, and what dropout leaves of them. Columns past the length are 0.
    fn probabilities(&self, scratch: &mut Scratch, dropout: &Dropout) {
        self.transpose(self.k, &mut scratch.transposed);
        scratch.probabilities.clear();
        scratch.probabilities.resize(self.length * self.stride, 0.0);
        let scale = 1.0 / (self.size as f32).sqrt();
        for (row, scores) in scratch
            .probabilities
            .chunks_exact_mut(self.stride)
            .enumerate()
        {
            combine_columns(self.row(self.q, row), &scratch.transposed, scores);
            softmax(scores, self.length, scale);
        }
        scratch.dropped.clone_from(&scratch.probabilities);
        dropout.apply(0, &mut scratch.dropped);
    }

    /// `out = probabilities · v`, into this head's columns.
    fn mix(&self, probabilities: &[f32], out: &mut [f32]) {
        for (row, weights) in probabilities.chunks_exact(self.stride).enumerate() {
            let out = &mut out[row * self.hidden + self.column..][..self.size];
            for (other, &weight) in weights[..self.length].iter().enumerate() {
                add_scaled(out, weight, self.row(self.v, other));
            }
        }
    }

    /// Gradients of this head's columns, from `scratch` as [`Self::probabilities`] left it.
    fn backward(
        &self,
        dy: &[f32],
        scratch: &mut Scratch,
        dropout: &Dropout,
        gradients: Gradients<'_>,
    ) {
        let Gradients { dq, dk, dv } = gradients;
        let scale = 1.0 / (self.size as f32).sqrt();
        self.transpose(self.v, &mut scratch.transposed);
        scratch.slopes.clear();
        scratch.slopes.resize(self.length * self.stride, 0.0);
        for (row, slopes) in scratch.slopes.chunks_exact_mut(self.stride).enumerate() {
            combine_columns(self.row(dy, row), &scratch.transposed, slopes);
        }
        dropout.apply(0, &mut scratch.slopes);
        for row in 0..self.length {
            let at = row * self.stride;
            let probabilities = &scratch.probabilities[at..at + self.stride];
            let slopes = &mut scratch.slopes[at..at + self.stride];
            softmax_backward(probabilities, slopes, scale);
            let dy = self.row(dy, row);
            let q = self.row(self.q, row);
            let dq = &mut dq[row * self.hidden + self.column..][..self.size];
            for (other, &slope) in slopes[..self.length].iter().enumerate() {
                let rows = other * self.hidden + self.column
                    ..other * self.hidden + self.column + self.size;
                add_scaled(dq, slope, &self.k[rows.clone()]);
                add_scaled(&mut dk[rows.clone()], slope, q);
                add_scaled(&mut dv[rows], scratch.dropped[at + other], dy);
            }
        }
    }
}

vectorized! {
    /// `out[j] = Σ_d weights[d] · columns[d][j]`.
    fn combine_columns(weights: &[f32], columns: &[f32], out: &mut [f32]) {
        out.fill(0.0);
        for (&weight, column) in weights.iter().zip(columns.chunks_exact(out.len())) {
            for (out, &value) in out.iter_mut().zip(column) {
                *out += weight * value;
            }
        }
    }
}

vectorized! {
    /// Softmax of the first `length` scores times `scale`; the others become 0.
    fn softmax(scores: &mut [f32], length: usize, scale: f32) {
        let (scores, rest) = scores.split_at_mut(length);
        rest.fill(0.0);
        let mut largest = f32::NEG_INFINITY;
        for &score in scores.iter() {
            largest = if score > largest { score } else { largest };
        }
        for score in scores.iter_mut() {
            *score = exp((*score - largest) * scale);
        }
        let sum = lane_sum(length, |i| scores[i]);
        let inverse = 1.0 / sum;
        for score in scores.iter_mut() {
            *score *= inverse;
        }
    }
}

vectorized! {
    /// `slopes = probabilities · (slopes - Σ probabilities · slopes) · scale`.
    fn softmax_backward(probabilities: &[f32], slopes: &mut [f32], scale: f32) {
        let mean = lane_sum(probabilities.len(), |i| probabilities[i] * slopes[i]);
        for (slope, &probability) in slopes.iter_mut().zip(probabilities) {
            *slope = probability * (*slope - mean) * scale;
        }
    }
}

vectorized! {
    /// `out += weight · row`.
    fn add_scaled(out: &mut [f32], weight: f32, row: &[f32]) {
        for (out, &value) in out.iter_mut().zip(row) {
            *out += weight * value;
        }
    }
}
