//! The embeddings backward: the projection, the norm, and the rows of the tables that were read.

use rayon::prelude::*;

use super::backward::add;
use super::pool::Buffer;
use super::row::norm_backward;
use super::rows::RowSet;
use super::sums::Sums;
use super::{Stack, StackGradients, Tape};
use crate::linear::add_to;
use crate::product::{Operands, product};
use crate::segment::neighbour;
use crate::shared::Shared;
use crate::storage::ROWS_PER_TASK;

impl Stack {
    /// `slopes (rows of the tasks, hidden)` of the embeddings' rows.
    pub(super) fn backward_embeddings(
        &self,
        tape: &Tape,
        slopes: &[f32],
        rows: &RowSet,
        gradients: &mut [StackGradients<'_>],
    ) {
        let mut slopes = match &tape.embedded.read {
            None => {
                let mut own = self.pool.take(slopes.len());
                own.copy_from_slice(slopes);
                own
            }
            Some(read) => self.backward_projection(tape, slopes, read, rows, gradients),
        };
        let width = self.config.embedding_size;
        let (embedded, norm) = (&tape.embedded, &self.weights.embedding_norm);
        let dropout = tape.mode.child("embeddings");
        let mask = dropout.dropout(self.config.embedding_dropout).mask();
        let sums = Sums::new(&self.pool, 2 * width);
        slopes
            .par_chunks_mut(ROWS_PER_TASK * width)
            .enumerate()
            .for_each(|(part, block)| {
                let first = part * ROWS_PER_TASK;
                for piece in rows.pieces(first, block.len() / width) {
                    sums.block(piece.start, |sums| {
                        for row in piece {
                            let token = rows.token(row);
                            let values = &mut block[(row - first) * width..][..width];
                            if let Some(mask) = mask {
                                mask.apply(token * width, values);
                            }
                            norm_backward(
                                &embedded.normalised[token * width..][..width],
                                embedded.inverse[token],
                                &norm.weight,
                                values,
                                sums,
                            );
                        }
                    });
                }
            });
        let sums = sums.finish(rows.borders());
        for (task, to) in gradients.iter_mut().enumerate() {
            if let Some(at_input) = &mut to.at_input {
                for row in rows.task(task) {
                    let at = rows.token(row) * width;
                    add_to(
                        &mut at_input[at..][..width],
                        &slopes[row * width..][..width],
                    );
                }
            }
            let to = &mut to.embeddings;
            let (of_weight, of_bias) = sums[task].split_at(width);
            add(of_weight, &mut to.norm_weight);
            add(of_bias, &mut to.norm_bias);
            let tokens = rows.tokens(rows.task(task));
            let range = rows.task(task);
            let slopes = &slopes[range.start * width..range.end * width];
            let tables = [
                to.words.as_mut(),
                to.positions.as_mut(),
                to.types.as_mut().and_then(Option::as_mut),
            ];
            for (table, ids) in tables.into_iter().zip(&embedded.ids) {
                if let Some(table) = table {
                    let of_rows = tokens.iter().map(|&token| ids[token as usize]);
                    table.add(of_rows, slopes, width);
                }
            }
        }
    }

    /// Gradients of the projection; gives the slopes of what it read, by embedding row.
    fn backward_projection(
        &self,
        tape: &Tape,
        slopes: &[f32],
        read: &[f32],
        rows: &RowSet,
        gradients: &mut [StackGradients<'_>],
    ) -> Buffer {
        let (hidden, wide) = (self.config.hidden, self.config.window_width());
        let map = self.weights.projection.as_ref();
        let map = map.expect("what a projection read is saved only where there is one");
        for (task, to) in gradients.iter_mut().enumerate() {
            let Some((weight, bias)) = &mut to.embeddings.projection else {
                continue;
            };
            let range = rows.task(task);
            let slopes = &slopes[range.start * hidden..range.end * hidden];
            if let Some(bias) = bias {
                let mut sum = self.pool.take_zeroed(hidden);
                slopes
                    .chunks_exact(hidden)
                    .for_each(|slope| add_to(&mut sum, slope));
                bias.add(&sum);
            }
            if let Some(weight) = weight {
                let read = rows.gather(task, read, wide, &self.pool);
                weight.add_product(Operands {
                    left: slopes,
                    right: &read,
                    sizes: (range.len(), hidden, wide),
                    rounded: self.weights.rounds(),
                });
            }
        }
        let mut out = self.pool.take(rows.len() * wide);
        product(slopes, map.backward(), &mut out, |_, _| {});
        match self.config.window_radius {
            0 => out,
            radius => self.window_backward(tape, &out, rows, radius),
        }
    }

    /// Adds up, for each embedding row, the slopes of all the windows that show it.
    fn window_backward(&self, tape: &Tape, slopes: &[f32], rows: &RowSet, radius: usize) -> Buffer {
        let (width, wide) = (self.config.embedding_size, self.config.window_width());
        let mut out = self.pool.take_zeroed(rows.len() * width);
        let shared = Shared::new(&mut out);
        let sequences = tape.offsets.len();
        (0..rows.tasks() * sequences)
            .into_par_iter()
            .for_each(|number| {
                let range = rows.range(number / sequences, number % sequences);
                // SAFETY: tasks and sequences have rows of their own.
                let out = unsafe { shared.part(range.start * width, range.len() * width) };
                for (at, row) in range.clone().enumerate() {
                    let slots = slopes[row * wide..][..wide].chunks_exact(width);
                    for (slot, slope) in slots.enumerate() {
                        if let Some(from) = neighbour(at, slot, radius, range.len()) {
                            add_to(&mut out[from * width..][..width], slope);
                        }
                    }
                }
            });
        out
    }
}
