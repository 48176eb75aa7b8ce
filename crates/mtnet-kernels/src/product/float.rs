//! Products with a packed right operand in `f32` or bf16.
//!
//! An element is one chain of sums over each chunk of `inner`, chunk after chunk; chunks depend on
//! `inner` alone. With bf16 both operands are rounded to it and products are summed in `f32`, in
//! which a product of two bf16 is exact.

use rayon::prelude::*;

use super::bf16::round_in_place;
use super::forward::{Right, WORTH_A_TASK};
use super::grid::{Grid, Next, pack_left, with_scratch};
use super::packed::PackedOf;
use super::strips::even_parts;
use super::tile::Operand;
use crate::shared::Shared;

/// Steps of the sum for which both operands are kept in cache.
const CHUNK: usize = 384;

impl<R: Operand> Right for PackedOf<R> {
    fn inner(&self) -> usize {
        self.inner()
    }

    fn columns(&self) -> usize {
        self.columns()
    }

    fn multiply_block(&self, left: &[f32], out: &mut [f32]) {
        by_chunks(left, self, out);
    }

    fn multiply_few(&self, left: &[f32], out: &mut [f32]) {
        by_columns(left, self, out);
    }
}

/// One block of rows on one thread, packing a chunk of its left rows at a time.
fn by_chunks<R: Operand>(left: &[f32], right: &PackedOf<R>, out: &mut [f32]) {
    let (inner, columns, kernel) = (right.inner(), right.columns(), right.kernel);
    let rows = out.len() / columns;
    with_scratch(|packed| {
        for (k, chunk) in even_parts(inner, CHUNK) {
            packed.resize(rows * chunk);
            pack_left(kernel, &left[k..], inner, (rows, chunk), packed);
            if R::HALF {
                round_in_place(packed);
            }
            let grid = Grid {
                left: packed.as_ptr(),
                rows,
                right: right.values[k * kernel.panel..].as_ptr(),
                panel_stride: inner * kernel.panel,
                inner: chunk,
                out: out.as_mut_ptr(),
                stride: columns,
                columns,
                add: k > 0,
                next: Next::Panel,
            };
            // SAFETY: `packed` holds tiles of `rows · chunk` numbers, each panel of `right` has
            // `chunk` rows from row `k` on, and `out` is `rows` rows of `columns` numbers that
            // this thread alone writes.
            unsafe { grid.compute(kernel) };
        }
    });
}

/// Few rows, packed once; threads take ranges of panels.
fn by_columns<R: Operand>(left: &[f32], right: &PackedOf<R>, out: &mut [f32]) {
    let rows = out.len() / right.columns();
    let (inner, columns, kernel) = (right.inner(), right.columns(), right.kernel);
    let panel = kernel.panel;
    with_scratch(|packed| {
        packed.resize(rows * inner);
        for (k, chunk) in even_parts(inner, CHUNK) {
            let packed = &mut packed[k * rows..(k + chunk) * rows];
            pack_left(kernel, &left[k..], inner, (rows, chunk), packed);
        }
        if R::HALF {
            round_in_place(packed);
        }
        let (packed, out) = (&packed[..], Shared::new(out));
        let panels = columns.div_ceil(panel);
        let together = WORTH_A_TASK.div_ceil(rows * inner * panel);
        (0..panels.div_ceil(together))
            .into_par_iter()
            .for_each(|part| {
                let first = part * together * panel;
                let width = (together * panel).min(columns - first);
                for (k, chunk) in even_parts(inner, CHUNK) {
                    let grid = Grid {
                        left: packed[k * rows..].as_ptr(),
                        rows,
                        right: right.values[first * inner + k * panel..].as_ptr(),
                        panel_stride: inner * panel,
                        inner: chunk,
                        out: out.at(first),
                        stride: columns,
                        columns: width,
                        add: k > 0,
                        next: Next::Panel,
                    };
                    // SAFETY: `packed` holds chunks of tiles, `rows · chunk` numbers each; the panels
                    // from `first` on have `chunk` rows from row `k` on; and of `out`, `rows` rows of
                    // `columns` numbers, only this part writes columns `first..first + width`.
                    unsafe { grid.compute(kernel) };
                }
            });
    });
}
