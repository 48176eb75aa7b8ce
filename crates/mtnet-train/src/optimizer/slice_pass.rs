//! One update rule's pass over a parameter and its buffers as slices, in parallel.

use mtnet_kernels::Reach;
use rayon::prelude::*;

use super::rule::{Update, UpdateRule};
use super::slices::CHUNK;

/// One rule's pass over a parameter and its buffers.
pub(super) struct SlicePass<'a> {
    pub rule: &'a dyn UpdateRule,
    pub update: Update,
    /// Whether each row ever had a gradient; `None` where all had one.
    pub touched: Option<&'a [bool]>,
}

impl SlicePass<'_> {
    pub fn run(&self, parameter: &mut [f32], gradient: &[f32], buffers: &mut [Vec<f32>]) {
        let rows = self.touched.map_or(1, |touched| touched.len().max(1));
        let width = (parameter.len() / rows).max(1);
        // Whole rows, so that each piece knows which of its rows were ever touched.
        let rows_per_piece = (CHUNK / width).max(1);
        let length = rows_per_piece * width;
        let length = if self.touched.is_some() {
            length
        } else {
            CHUNK
        };
        let mut columns: Vec<_> = buffers
            .iter_mut()
            .map(|buffer| buffer.chunks_mut(length))
            .collect();
        let pieces: Vec<_> = parameter
            .chunks_mut(length)
            .zip(gradient.chunks(length))
            .map(|(parameter, gradient)| {
                let buffers: Vec<&mut [f32]> =
                    columns.iter_mut().filter_map(Iterator::next).collect();
                (parameter, gradient, buffers)
            })
            .collect();
        pieces.into_par_iter().enumerate().for_each(
            |(index, (parameter, gradient, mut buffers))| {
                let touched = self.touched.map(|touched| {
                    let first = index * rows_per_piece;
                    &touched[first..touched.len().min(first + rows_per_piece)]
                });
                match touched {
                    Some(touched) if !touched.iter().all(|&touched| touched) => {
                        self.by_rows(touched, width, parameter, gradient, &mut buffers);
                    }
                    _ => self
                        .rule
                        .update_slices(self.update, parameter, gradient, &mut buffers),
                }
            },
        );
    }

    fn by_rows(
        &self,
        touched: &[bool],
        width: usize,
        parameter: &mut [f32],
        gradient: &[f32],
        buffers: &mut [&mut [f32]],
    ) {
        for (row, &touched) in touched.iter().enumerate() {
            let range = row * width..(row + 1) * width;
            let parameter = &mut parameter[range.clone()];
            if touched || !self.rule.update_untouched(self.update, parameter) {
                let mut buffers: Vec<&mut [f32]> = buffers
                    .iter_mut()
                    .map(|buffer| &mut buffer[range.clone()])
                    .collect();
                self.rule
                    .update_slices(self.update, parameter, &gradient[range], &mut buffers);
            }
        }
    }
}

/// Notes which rows have a gradient now; `None` once all had one.
pub(super) fn note_rows(touched: &mut Option<Vec<bool>>, reach: &Reach) {
    match (&mut *touched, reach) {
        (Some(touched), Reach::Rows(rows)) => {
            rows.iter().for_each(|&row| touched[row as usize] = true);
        }
        (_, Reach::All) => *touched = None,
        _ => {}
    }
}

/// The rows whose buffers are not zero.
pub(super) fn touched_rows(buffers: &[Vec<f32>], width: usize) -> Vec<bool> {
    let rows = buffers
        .first()
        .map_or(0, |buffer| buffer.len() / width.max(1));
    (0..rows)
        .map(|row| {
            buffers.iter().any(|buffer| {
                buffer[row * width..(row + 1) * width]
                    .iter()
                    .any(|&v| v != 0.0)
            })
        })
        .collect()
}

/// Moves some rows, rising, and the same rows of the buffers; nothing else is read.
pub(super) fn update_rows(
    rule: &dyn UpdateRule,
    update: Update,
    (rows, width): (&[u32], usize),
    parameter: &mut [f32],
    gradient: &[f32],
    buffers: &mut [Vec<f32>],
) {
    let moved = cut_rows(parameter, rows, width);
    let mut columns: Vec<_> = buffers
        .iter_mut()
        .map(|buffer| cut_rows(buffer, rows, width).into_iter())
        .collect();
    let pieces: Vec<_> = rows
        .iter()
        .zip(moved)
        .map(|(&row, parameter)| {
            let buffers: Vec<&mut [f32]> = columns.iter_mut().filter_map(Iterator::next).collect();
            (row, parameter, buffers)
        })
        .collect();
    let pieces = pieces.into_par_iter().with_min_len(ROWS_PER_TASK);
    pieces.for_each(|(row, parameter, mut buffers)| {
        let gradient = &gradient[row as usize * width..][..width];
        rule.update_slices(update, parameter, gradient, &mut buffers);
    });
}

/// Rows that one parallel task moves: they are short.
const ROWS_PER_TASK: usize = 32;

/// Some rows of `values`, rising, to be changed.
fn cut_rows<'a>(mut values: &'a mut [f32], rows: &[u32], width: usize) -> Vec<&'a mut [f32]> {
    let mut cut = Vec::with_capacity(rows.len());
    let mut next = 0;
    for &row in rows {
        let (_, from_row) = values.split_at_mut((row as usize - next) * width);
        let (one, rest) = from_row.split_at_mut(width);
        cut.push(one);
        values = rest;
        next = row as usize + 1;
    }
    cut
}
