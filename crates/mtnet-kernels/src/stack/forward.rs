//! One layer forward: `x ← norm(x + attention(x))`, `x ← norm(x + W₂ · act(W₁ · x))`.
//!
//! What follows a product is done to its rows while they are in cache: bias, activation, dropout,
//! residual and norm need no pass over memory of their own.

use mtnet_core::Offsets;

use super::Stack;
use super::attention::Heads;
use super::pool::Buffer;
use super::row::{residual_norm, scale_shift, scale_shift_in_place};
use super::rows::RowSet;
use super::weights::{Map, Norm};
use crate::activation::{activate_row, activate_row_with_slope};
use crate::dropout::{Dropout, Mask};
use crate::mode::Mode;
use crate::product::product;
use crate::shared::Shared;

/// What a layer's backward pass needs beside its input.
#[derive(Debug)]
pub(super) struct Saved {
    /// Query, key and value of each token, side by side `(tokens, 3 · hidden)`.
    pub qkv: Buffer,
    /// What attention gave `(tokens, hidden)`.
    pub mixed: Buffer,
    pub attended: Normed,
    /// Activations `(tokens, inner)`.
    pub inner: Buffer,
    /// Slopes of the activation there `(tokens, inner)`.
    pub slopes: Buffer,
    pub output: Normed,
}

/// What a norm gave, and what its backward pass needs: nothing where there will be none.
#[derive(Debug)]
pub(super) struct Normed {
    /// `(tokens, hidden)`.
    pub rows: Buffer,
    /// The same before scale and shift.
    pub normalised: Buffer,
    /// One over each row's deviation `(tokens)`.
    pub inverse: Buffer,
}

/// Dropout of one layer.
pub(super) struct LayerDropout {
    pub attention: Dropout,
    pub attention_output: Option<Mask>,
    pub output: Option<Mask>,
}

/// What a pass over a layer is given beside the layer's input.
pub(super) struct LayerPass<'a> {
    /// Rows of the output; keys and values come from all rows of the input.
    pub rows: &'a RowSet,
    pub offsets: &'a Offsets,
    /// That of the whole stack.
    pub mode: &'a Mode,
    /// Whether a backward pass may follow.
    pub keep: bool,
}

/// How a sublayer ends: `norm(dropout(product + bias) + residual)`.
struct Ending<'a> {
    rows: &'a RowSet,
    map: &'a Map,
    mask: Option<Mask>,
    residual: &'a [f32],
    norm: &'a Norm,
}

impl Stack {
    /// `mode` is that of the whole stack.
    pub(super) fn dropout_of(&self, layer: usize, mode: &Mode) -> LayerDropout {
        let mode = mode.child("layers").at(layer as u64);
        let dropout = |name: &str, probability| mode.child(name).dropout(probability);
        let config = &self.config;
        LayerDropout {
            attention: dropout("attention", config.attention_dropout),
            attention_output: dropout("attention-output", config.attention_output_dropout).mask(),
            output: dropout("output", config.output_dropout).mask(),
        }
    }

    /// Queries, keys and values of a layer, for attention to read.
    pub(super) fn heads<'a>(
        &'a self,
        qkv: &'a [f32],
        offsets: &'a Offsets,
        dropout: &'a Dropout,
    ) -> Heads<'a> {
        let (hidden, heads) = (self.config.hidden, self.config.heads);
        Heads {
            q: qkv,
            k: &qkv[hidden..],
            v: &qkv[2 * hidden..],
            row: 3 * hidden,
            heads,
            size: hidden / heads,
            offsets,
            dropout,
            pool: &self.pool,
        }
    }

    /// `x (tokens, hidden)`, of at least one token. Without `keep`, of what is saved only the
    /// output's rows are complete.
    pub(super) fn forward_layer(&self, index: usize, x: &[f32], pass: &LayerPass<'_>) -> Saved {
        let LayerPass {
            rows,
            offsets,
            mode,
            keep,
        } = *pass;
        let weights = &self.weights.layers[index];
        let hidden = self.config.hidden;
        let dropout = self.dropout_of(index, mode);
        let mut qkv = self.pool.take(3 * x.len());
        product(x, weights.qkv.forward(), &mut qkv, |_, block| {
            for row in block.chunks_exact_mut(3 * hidden) {
                crate::linear::add_to(row, &weights.qkv.bias);
            }
        });
        let mut mixed = self.pool.take(rows.len() * hidden);
        self.heads(&qkv, offsets, &dropout.attention)
            .forward(rows, &mut mixed);
        let residual = rows.gather(0, x, hidden, &self.pool);
        let ending = Ending {
            rows,
            map: &weights.attention_output,
            mask: dropout.attention_output,
            residual: &residual,
            norm: &weights.attention_norm,
        };
        let attended = self.end(&mixed, &ending, keep);
        let (inner, slopes) = self.feed(&attended.rows, &weights.intermediate, keep);
        let ending = Ending {
            rows,
            map: &weights.output,
            mask: dropout.output,
            residual: &attended.rows,
            norm: &weights.output_norm,
        };
        let output = self.end(&inner, &ending, keep);
        Saved {
            qkv,
            mixed,
            attended,
            inner,
            slopes,
            output,
        }
    }

    /// `act(x · W₁ᵀ + b₁)` and the activation's slopes.
    fn feed(&self, x: &[f32], map: &Map, keep: bool) -> (Buffer, Buffer) {
        let (hidden, width) = (self.config.hidden, self.config.inner);
        let activation = self.config.activation;
        let length = x.len() / hidden * width;
        if !keep {
            let mut inner = self.pool.take(length);
            product(x, map.forward(), &mut inner, |_, block| {
                for row in block.chunks_exact_mut(width) {
                    activate_row(activation, &map.bias, row);
                }
            });
            return (inner, self.pool.take(0));
        }
        let (mut inner, mut slopes) = (self.pool.take(length), self.pool.take(length));
        let shared = Shared::new(&mut inner);
        product(x, map.forward(), &mut slopes, |first, block| {
            for (row, slopes) in (first..).zip(block.chunks_exact_mut(width)) {
                // SAFETY: the product finishes each row once, and this is that row of `inner`.
                let inner = unsafe { shared.part(row * width, width) };
                activate_row_with_slope(activation, &map.bias, slopes, inner);
            }
        });
        (inner, slopes)
    }

    fn end(&self, x: &[f32], ending: &Ending<'_>, keep: bool) -> Normed {
        let Ending {
            rows: tokens,
            map,
            mask,
            residual,
            norm,
        } = *ending;
        let width = self.config.hidden;
        let eps = self.config.layer_norm_eps as f32;
        let one = |row: usize, values: &mut [f32]| {
            let residual = &residual[row * width..][..width];
            let start = tokens.token(row) * width;
            residual_norm(values, &map.bias, mask, start, residual, eps)
        };
        let mut normalised = self.pool.take(residual.len());
        if !keep {
            product(x, map.forward(), &mut normalised, |first, block| {
                for (row, values) in (first..).zip(block.chunks_exact_mut(width)) {
                    one(row, values);
                    scale_shift_in_place(values, &norm.weight, &norm.bias);
                }
            });
            return Normed {
                rows: normalised,
                normalised: self.pool.take(0),
                inverse: self.pool.take(0),
            };
        }
        let mut rows = self.pool.take(residual.len());
        let mut inverse = self.pool.take(residual.len() / width);
        let (all_rows, all_inverse) = (Shared::new(&mut rows), Shared::new(&mut inverse));
        product(x, map.forward(), &mut normalised, |first, block| {
            for (row, values) in (first..).zip(block.chunks_exact_mut(width)) {
                // SAFETY: the product finishes each row once, and these are the numbers of that
                // row in two other slices.
                let (out, inverse) =
                    unsafe { (all_rows.part(row * width, width), all_inverse.part(row, 1)) };
                inverse[0] = one(row, values);
                scale_shift(values, &norm.weight, &norm.bias, out);
            }
        });
        Normed {
            rows,
            normalised,
            inverse,
        }
    }
}
