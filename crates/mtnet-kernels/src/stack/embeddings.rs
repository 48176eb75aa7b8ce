//! The embeddings of a stack: `project(dropout(norm(word + position + type)))`.
//!
//! Devlin et al. 2019, figure 2; the projection is ELECTRA's (Clark et al. 2020, §3.1), and with a
//! window it reads the neighbours as well (Collobert et al. 2011, §3.3.1).

use std::sync::Arc;

use candle_core::{Result, bail};
use mtnet_core::Offsets;
use rayon::prelude::*;

use super::pool::Buffer;
use super::row::{normalise, scale_shift};
use super::{EmbeddingParts, Stack, StackInput};
use crate::linear::add_to;
use crate::mode::Mode;
use crate::product::product;
use crate::segment::neighbour;
use crate::storage::{ROWS_PER_TASK, split_rows};

/// The embeddings of a batch, and what their backward pass needs.
#[derive(Debug)]
pub(super) struct Embedded {
    /// `(tokens, hidden)`.
    pub rows: Buffer,
    /// The sums, normalised `(tokens, embedding size)`.
    pub normalised: Buffer,
    /// One over the deviation of each sum `(tokens)`.
    pub inverse: Buffer,
    /// What the projection read `(tokens, window width)`, where there is one.
    pub read: Option<Buffer>,
    /// The row of the word, position and type table that each token takes.
    pub ids: Vec<Vec<u32>>,
}

impl Stack {
    /// `mode` is that of the embeddings.
    pub(super) fn embed(
        &self,
        input: &StackInput<'_>,
        embeddings: &EmbeddingParts<&[f32]>,
        mode: &Mode,
    ) -> Result<Embedded> {
        let config = &self.config;
        let (width, tokens) = (config.embedding_size, input.offsets.total());
        let ids = ids(input, embeddings, width)?;
        let tables = tables(embeddings);
        if let Some(shift) = input.shift
            && shift.len() != tokens * width
        {
            bail!(
                "stack: expected a shift of {} numbers, found {}",
                tokens * width,
                shift.len()
            );
        }
        let mut kept = self.pool.take(tokens * width);
        let mut normalised = self.pool.take(tokens * width);
        let mut inverse = self.pool.take(tokens);
        let norm = &self.weights.embedding_norm;
        let mask = mode.dropout(config.embedding_dropout).mask();
        let eps = config.layer_norm_eps as f32;
        kept.par_chunks_mut(ROWS_PER_TASK * width)
            .zip(normalised.par_chunks_mut(ROWS_PER_TASK * width))
            .zip(inverse.par_chunks_mut(ROWS_PER_TASK))
            .enumerate()
            .for_each(|(part, ((kept, normalised), inverse))| {
                let rows = kept
                    .chunks_exact_mut(width)
                    .zip(normalised.chunks_exact_mut(width))
                    .zip(inverse);
                for (at, ((kept, normalised), inverse)) in rows.enumerate() {
                    let token = part * ROWS_PER_TASK + at;
                    for (index, (table, ids)) in tables.iter().zip(&ids).enumerate() {
                        let row = &table[ids[token] as usize * width..][..width];
                        if index == 0 {
                            normalised.copy_from_slice(row);
                        } else {
                            add_to(normalised, row);
                        }
                    }
                    if let Some(shift) = input.shift {
                        add_to(normalised, &shift[token * width..][..width]);
                    }
                    *inverse = normalise(normalised, eps);
                    scale_shift(normalised, &norm.weight, &norm.bias, kept);
                    if let Some(mask) = mask {
                        mask.apply(token * width, kept);
                    }
                }
            });
        let (rows, read) = match &self.weights.projection {
            None => (kept, None),
            Some(map) => {
                let read = match config.window_radius {
                    0 => kept,
                    radius => self.window(&kept, input.offsets, radius),
                };
                let mut rows = self.pool.take(tokens * config.hidden);
                product(&read, map.forward(), &mut rows, |_, block| {
                    for row in block.chunks_exact_mut(config.hidden) {
                        add_to(row, &map.bias);
                    }
                });
                (rows, Some(read))
            }
        };
        Ok(Embedded {
            rows,
            normalised,
            inverse,
            read,
            ids,
        })
    }

    /// Each row with its neighbours, as [`window_concat`](crate::window_concat) lays them out.
    fn window(&self, rows: &[f32], offsets: &Arc<Offsets>, radius: usize) -> Buffer {
        let (width, wide) = (self.config.embedding_size, self.config.window_width());
        let mut out = self.pool.take(offsets.total() * wide);
        let parts = split_rows(&mut out, wide, offsets.ranges().map(|range| range.len()));
        parts
            .into_par_iter()
            .enumerate()
            .for_each(|(sequence, out)| {
                let range = offsets.range(sequence);
                for (at, row) in out.chunks_exact_mut(wide).enumerate() {
                    for (slot, out) in row.chunks_exact_mut(width).enumerate() {
                        match neighbour(at, slot, radius, range.len()) {
                            None => out.fill(0.0),
                            Some(from) => {
                                let from = (range.start + from) * width;
                                out.copy_from_slice(&rows[from..from + width]);
                            }
                        }
                    }
                }
            });
        out
    }
}

/// The row of each table that each token takes.
///
/// # Errors
/// If a table has no such row.
fn ids(
    input: &StackInput<'_>,
    embeddings: &EmbeddingParts<&[f32]>,
    width: usize,
) -> Result<Vec<Vec<u32>>> {
    let mut ids = vec![input.input_ids.to_vec(), input.position_ids.to_vec()];
    if let Some(types) = embeddings.types {
        ids.push(if types.len() == width {
            vec![0; input.type_ids.len()]
        } else {
            input.type_ids.to_vec()
        });
    }
    for (table, ids) in tables(embeddings).iter().zip(&ids) {
        let rows = table.len() / width;
        if let Some(id) = ids.iter().find(|&&id| id as usize >= rows) {
            bail!("stack: id {id} lies past the {rows} rows of its embedding table");
        }
    }
    Ok(ids)
}

/// The tables that are summed.
fn tables<'a>(embeddings: &EmbeddingParts<&'a [f32]>) -> Vec<&'a [f32]> {
    let mut tables = vec![embeddings.words, embeddings.positions];
    tables.extend(embeddings.types);
    tables
}
