//! Backward through the end of a sublayer: `norm(dropout(y) + residual)`.
//!
//! The slope of the sum before the norm is that of the residual; under the mask it is that of `y`,
//! and its sum over rows is the gradient of the bias in `y`.

use std::sync::Arc;

use rayon::prelude::*;

use super::forward::Normed;
use super::pool::{Buffer, Pool};
use super::row::norm_backward;
use super::rows::RowSet;
use super::sums::Sums;
use super::weights::Norm;
use crate::dropout::Mask;
use crate::linear::add_to;
use crate::shared::Shared;
use crate::storage::ROWS_PER_TASK;

/// The end of a sublayer whose backward pass is to be made.
pub(super) struct NormBackward<'a> {
    pub saved: &'a Normed,
    pub norm: &'a Norm,
    pub mask: Option<Mask>,
    pub rows: &'a RowSet,
    pub pool: &'a Arc<Pool>,
}

/// Slopes before a norm.
pub(super) struct NormSlopes {
    /// Those of the residual `(rows, width)`.
    pub residual: Buffer,
    /// Those of `y` where they differ.
    masked: Option<Buffer>,
    /// Gradients of the norm's weight and bias and of the bias in `y`, a row `(3 · width)` for
    /// each task.
    pub sums: Vec<Buffer>,
}

impl NormSlopes {
    /// Those of `y`.
    pub fn branch(&self) -> &[f32] {
        self.masked.as_ref().unwrap_or(&self.residual)
    }
}

impl NormBackward<'_> {
    /// `fill` gives the slopes of the norm's rows: it is handed their buffer and calls the function
    /// that it is handed with each block of rows that is complete.
    pub fn run(
        &self,
        fill: impl FnOnce(&mut [f32], &(dyn Fn(usize, &mut [f32]) + Sync)),
    ) -> NormSlopes {
        let width = self.norm.weight.len();
        let length = self.rows.len() * width;
        let mut residual = self.pool.take(length);
        let mut masked = self.mask.map(|_| self.pool.take(length));
        let sums = Sums::new(self.pool, 3 * width);
        let shared = masked.as_mut().map(|masked| Shared::new(masked));
        fill(&mut residual, &|first, block| {
            self.block(first, block, shared.as_ref(), &sums);
        });
        NormSlopes {
            residual,
            masked,
            sums: sums.finish(self.rows.borders()),
        }
    }

    /// As [`Self::run`], from slopes `(tokens, width)` of each task.
    pub fn run_on(&self, slopes: &[&[f32]]) -> NormSlopes {
        let width = self.norm.weight.len();
        self.run(|rows, finish| {
            rows.par_chunks_mut(ROWS_PER_TASK * width)
                .enumerate()
                .for_each(|(part, block)| {
                    let first = part * ROWS_PER_TASK;
                    for (task, slopes) in slopes.iter().enumerate() {
                        let task_rows = self.rows.task(task);
                        for (row, values) in (first..).zip(block.chunks_exact_mut(width)) {
                            if task_rows.contains(&row) {
                                let token = self.rows.token(row);
                                values.copy_from_slice(&slopes[token * width..][..width]);
                            }
                        }
                    }
                    finish(first, block);
                });
        })
    }

    fn block(&self, first: usize, block: &mut [f32], masked: Option<&Shared<'_>>, sums: &Sums) {
        let width = self.norm.weight.len();
        for piece in self.rows.pieces(first, block.len() / width) {
            sums.block(piece.start, |sums| {
                let (of_norm, of_bias) = sums.split_at_mut(2 * width);
                for row in piece {
                    let token = self.rows.token(row);
                    let values = &mut block[(row - first) * width..][..width];
                    norm_backward(
                        &self.saved.normalised[token * width..][..width],
                        self.saved.inverse[token],
                        &self.norm.weight,
                        values,
                        of_norm,
                    );
                    match (self.mask, masked) {
                        (Some(mask), Some(masked)) => {
                            // SAFETY: each row is finished once, and this is that row of another
                            // slice.
                            let masked = unsafe { masked.part(row * width, width) };
                            masked.copy_from_slice(values);
                            mask.apply(token * width, masked);
                            add_to(of_bias, masked);
                        }
                        _ => add_to(of_bias, values),
                    }
                }
            });
        }
    }
}
