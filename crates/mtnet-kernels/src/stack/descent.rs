//! One layer backward. Each product's last step is the first of what comes below it.

use super::attention_backward::{AttentionGradients, AttentionSlopes};
use super::backward::add;
use super::norm_backward::{NormBackward, NormSlopes};
use super::pool::Buffer;
use super::row::multiply_and_add;
use super::rows::RowSet;
use super::sums::Sums;
use super::{Destination, Stack, StackGradients, Tape};
use crate::linear::add_to;
use crate::product::{Operands, product, product_of_transposed};

/// Slopes on their way down.
pub(super) enum Below {
    /// Of the rows before the last norm of the layer below.
    Layer(NormSlopes),
    /// Of the embeddings' rows.
    Embeddings(Buffer),
}

/// One layer on the way down.
pub(super) struct Descent<'a> {
    pub stack: &'a Stack,
    pub tape: &'a Tape,
    pub layer: usize,
    /// Rows that have a slope above the layer.
    pub top: &'a RowSet,
    /// Rows that have one below it.
    pub all: &'a RowSet,
}

impl Descent<'_> {
    /// The feed-forward part, from `norm(dropout(inner · W₂ᵀ + b₂) + attended)` down to the end of
    /// attention; `above` holds the slopes before that norm.
    pub fn feed_forward(
        &self,
        above: &NormSlopes,
        gradients: &mut [StackGradients<'_>],
        go_on: bool,
    ) -> Option<NormSlopes> {
        let Self {
            stack, layer, top, ..
        } = *self;
        let (hidden, inner) = (stack.config.hidden, stack.config.inner);
        let (saved, weights) = (self.tape.saved(layer), &stack.weights.layers[layer]);
        for (task, to) in gradients.iter_mut().enumerate() {
            let to = &mut to.layers[layer];
            let sums = above.sums[task].chunks_exact(hidden);
            for (sum, to) in sums.zip([
                &mut to.output_norm_weight,
                &mut to.output_norm_bias,
                &mut to.output_bias,
            ]) {
                add(sum, to);
            }
            let sides = (above.branch(), hidden, &*saved.inner, inner);
            self.add_products(top, task, sides, &mut to.output_weight);
        }
        let mut slopes = stack.pool.take(top.len() * inner);
        let sums = Sums::new(&stack.pool, inner);
        let map = weights.output.backward();
        product(above.branch(), map, &mut slopes, |first, block| {
            for piece in top.pieces(first, block.len() / inner) {
                sums.block(piece.start, |sum| {
                    for row in piece {
                        let values = &mut block[(row - first) * inner..][..inner];
                        let factors = &saved.slopes[top.token(row) * inner..][..inner];
                        multiply_and_add(values, factors, sum);
                    }
                });
            }
        });
        let sums = sums.finish(top.borders());
        for (task, to) in gradients.iter_mut().enumerate() {
            let to = &mut to.layers[layer];
            add(&sums[task], &mut to.intermediate_bias);
            let sides = (&*slopes, inner, &*saved.attended.rows, hidden);
            self.add_products(top, task, sides, &mut to.intermediate_weight);
        }
        let attends = |to: &StackGradients<'_>| to.trains_attention(layer);
        if !go_on && !gradients.iter().any(attends) {
            return None;
        }
        let norm = NormBackward {
            saved: &saved.attended,
            norm: &weights.attention_norm,
            mask: stack.dropout_of(layer, &self.tape.mode).attention_output,
            rows: top,
            pool: &stack.pool,
        };
        let (map, above) = (weights.intermediate.backward(), &above.residual);
        Some(norm.run(|rows, finish| {
            product(&slopes, map, rows, |first, block| {
                add_to(block, &above[first * hidden..][..block.len()]);
                finish(first, block);
            });
        }))
    }

    /// Attention, from `norm(dropout(mixed · Wᵀ + b) + x)` down to what comes before `x`, if it is
    /// to `go_on`.
    pub fn attention(
        &self,
        above: &NormSlopes,
        gradients: &mut [StackGradients<'_>],
        go_on: bool,
    ) -> Option<Below> {
        let Self {
            stack,
            tape,
            layer,
            top,
            all,
        } = *self;
        let hidden = stack.config.hidden;
        let (saved, weights) = (tape.saved(layer), &stack.weights.layers[layer]);
        for (task, to) in gradients.iter_mut().enumerate() {
            let to = &mut to.layers[layer];
            let sums = above.sums[task].chunks_exact(hidden);
            for (sum, to) in sums.zip([
                &mut to.attention_norm_weight,
                &mut to.attention_norm_bias,
                &mut to.attention_output_bias,
            ]) {
                add(sum, to);
            }
            let sides = (above.branch(), hidden, &*saved.mixed, hidden);
            self.add_products(top, task, sides, &mut to.attention_output_weight);
        }
        let mut slopes = stack.pool.take(top.len() * hidden);
        let map = weights.attention_output.backward();
        product(above.branch(), map, &mut slopes, |_, _| {});
        let dropout = stack.dropout_of(layer, &tape.mode).attention;
        let heads = stack.heads(&saved.qkv, &tape.offsets, &dropout);
        let qkv = heads.backward(&AttentionSlopes {
            slopes: &slopes,
            top,
            below: all,
        });
        drop(slopes);
        self.add_qkv(&qkv, gradients);
        if !go_on {
            return None;
        }

        // The input has two ways up: through the queries, keys and values, and the residual.
        let positions = top.positions_in(all);
        let add_residual = |first: usize, block: &mut [f32]| match &positions {
            None => add_to(block, &above.residual[first * hidden..][..block.len()]),
            Some(positions) => {
                for (row, values) in (first..).zip(block.chunks_exact_mut(hidden)) {
                    if let Some(at) = positions[row] {
                        add_to(values, &above.residual[at as usize * hidden..][..hidden]);
                    }
                }
            }
        };
        let map = weights.qkv.backward();
        Some(match tape.below(layer) {
            Some(lower) => Below::Layer(stack.norm_of(tape, lower, all).run(|rows, finish| {
                product(&qkv.rows, map, rows, |first, block| {
                    add_residual(first, block);
                    finish(first, block);
                });
            })),
            None => {
                let mut slopes = stack.pool.take(all.len() * hidden);
                product(&qkv.rows, map, &mut slopes, add_residual);
                Below::Embeddings(slopes)
            }
        })
    }

    /// Gradients of the maps to queries, keys and values, in one product.
    fn add_qkv(&self, qkv: &AttentionGradients, gradients: &mut [StackGradients<'_>]) {
        let hidden = self.stack.config.hidden;
        let x = self.tape.input_of(self.layer);
        let mut joined = self.stack.pool.take(3 * hidden * hidden);
        for (task, to) in gradients.iter_mut().enumerate() {
            let to = &mut to.layers[self.layer];
            let biases = [&mut to.query_bias, &mut to.key_bias, &mut to.value_bias];
            for (sum, to) in qkv.sums[task].chunks_exact(hidden).zip(biases) {
                add(sum, to);
            }
            let weights = [
                &mut to.query_weight,
                &mut to.key_weight,
                &mut to.value_weight,
            ];
            if weights.iter().any(|to| to.is_some()) {
                let rows = self.all.task(task);
                let read = self.all.gather(task, x, hidden, &self.stack.pool);
                let slopes = &qkv.rows[3 * rows.start * hidden..3 * rows.end * hidden];
                let operands = Operands {
                    left: slopes,
                    right: &read,
                    sizes: (rows.len(), 3 * hidden, hidden),
                    rounded: self.stack.weights.rounds(),
                };
                product_of_transposed(operands, false, &mut joined);
                for (part, to) in joined.chunks_exact(hidden * hidden).zip(weights) {
                    add(part, to);
                }
            }
        }
    }

    /// Adds a task's gradient of a weight: `slopesᵀ · read`, from slopes of all tasks and what the
    /// tokens of the batch read, each with its width.
    fn add_products(
        &self,
        rows: &RowSet,
        task: usize,
        (slopes, outputs, read, inputs): (&[f32], usize, &[f32], usize),
        to: &mut Option<Destination<'_>>,
    ) {
        if let Some(to) = to {
            let range = rows.task(task);
            let read = rows.gather(task, read, inputs, &self.stack.pool);
            to.add_product(Operands {
                left: &slopes[range.start * outputs..range.end * outputs],
                right: &read,
                sizes: (range.len(), outputs, inputs),
                rounded: self.stack.weights.rounds(),
            });
        }
    }
}
