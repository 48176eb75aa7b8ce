//! Products with a right operand in 8-bit integers.

use std::cell::Cell;

use rayon::prelude::*;

use super::GROUP;
use super::left::Left;
use super::packed::PackedInt8;
use super::tile::{Scales, Tile};
use crate::product::forward::{Right, WORTH_A_TASK};
use crate::product::grid::lend;
use crate::product::strips::even_parts;
use crate::shared::Shared;

/// Multiplications that cost as much as one in `f32`.
const PER_FLOAT: usize = 4;

thread_local! {
    static LEFT: Cell<Left> = Cell::default();
}

impl Right for PackedInt8 {
    fn inner(&self) -> usize {
        self.inner()
    }

    fn columns(&self) -> usize {
        self.columns()
    }

    fn multiply_block(&self, left: &[f32], out: &mut [f32]) {
        lend(&LEFT, |quantised| {
            quantised.quantise(self.kernel, left, self.inner());
            // SAFETY: `out` holds a row for each of `left` and is borrowed for writing.
            unsafe { self.multiply(quantised, &Shared::new(out), 0, self.columns()) };
        });
    }

    fn multiply_few(&self, left: &[f32], out: &mut [f32]) {
        lend(&LEFT, |quantised| {
            quantised.quantise(self.kernel, left, self.inner());
            let (quantised, out) = (&*quantised, Shared::new(out));
            let panel = self.kernel.panel;
            let work = (left.len() * panel).div_ceil(PER_FLOAT);
            let width = WORTH_A_TASK.div_ceil(work) * panel;
            (0..self.columns().div_ceil(width))
                .into_par_iter()
                .for_each(|part| {
                    let first = part * width;
                    let width = width.min(self.columns() - first);
                    // SAFETY: `out` holds a row for each of `left`, and each part writes columns
                    // of its own.
                    unsafe { self.multiply(quantised, &out, first, width) };
                });
        });
    }
}

impl PackedInt8 {
    /// Computes `width` columns of a result from column `first` on, which begins a panel.
    ///
    /// # Safety
    /// `out` must hold a row of all columns for each row of `left`, and nobody else may be at
    /// these columns.
    unsafe fn multiply(&self, left: &Left, out: &Shared<'_>, first: usize, width: usize) {
        let (kernel, groups) = (self.kernel, self.inner().div_ceil(GROUP));
        for first in (first..first + width).step_by(kernel.panel) {
            let columns = kernel.panel.min(self.columns() - first);
            let right = self.values[first / kernel.panel * self.panel_size()..].as_ptr();
            let next = right.wrapping_add(self.panel_size());
            for (index, (start, rows)) in even_parts(left.scales.len(), kernel.rows).enumerate() {
                let call = Tile {
                    left: left.groups[start * groups..].as_ptr(),
                    right,
                    ahead: next.wrapping_add(index * groups * 64),
                    groups,
                    rows,
                    columns,
                    scales: Scales {
                        rows: left.scales[start..].as_ptr(),
                        zeros: left.zeros[start..].as_ptr(),
                        columns: self.scales[first..].as_ptr(),
                        sums: self.sums[first..].as_ptr(),
                    },
                    out: out.at(start * self.columns() + first),
                    stride: self.columns(),
                };
                // SAFETY: the tile lies in the columns that the caller promises; its operands are
                // packed for this kernel, which this processor has.
                unsafe { (kernel.tile)(&call) };
            }
        }
    }
}
