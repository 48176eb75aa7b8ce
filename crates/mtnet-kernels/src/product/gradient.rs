//! `out = leftᵀ · right`: the gradient of a weight, summed over the rows of both operands.
//!
//! Threads take blocks of the result. A block packs some hundred rows of its strips of both
//! operands at a time, so that the copies stay in the second-level cache, and goes through the
//! rows in order, in chunks that depend on their number alone: an element is the same by bits for
//! any number of threads and any size of the blocks.

use std::ops::Range;

use rayon::prelude::*;

use super::bf16::round_in_place;
use super::grid::{Grid, Next, with_scratch};
use super::strips::{Strip, even_parts, tiles};
use super::tile::Kernel;
use crate::shared::Shared;

/// Rows of the tallest strip.
const TALLEST: usize = 392;
/// Rows of the operands that are packed at a time.
const CHUNK: usize = 512;

/// What the gradient of a weight is made from.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Operands<'a> {
    /// `(rows, m)`, row-major.
    pub left: &'a [f32],
    /// `(rows, n)`, row-major.
    pub right: &'a [f32],
    /// `(rows, m, n)`; the sum runs over `rows`.
    pub sizes: (usize, usize, usize),
    /// Whether both are rounded to bf16 first.
    pub rounded: bool,
}

/// `out = leftᵀ · right`, added to what `out` holds if `add`: the gradient of a weight,
/// `out (m, n)`, row-major.
pub(crate) fn product_of_transposed(operands: Operands<'_>, add: bool, out: &mut [f32]) {
    with_kernel(Kernel::current(), operands, add, out);
}

pub(super) fn with_kernel(
    kernel: &'static Kernel,
    operands: Operands<'_>,
    add: bool,
    out: &mut [f32],
) {
    let Operands {
        left,
        right,
        sizes: (rows, m, n),
        rounded,
    } = operands;
    assert_eq!(
        (left.len(), right.len(), out.len()),
        (rows * m, rows * n, m * n),
        "sizes of a product"
    );
    if out.is_empty() {
        return;
    }
    if rows == 0 {
        if !add {
            out.fill(0.0);
        }
        return;
    }
    let out = Shared::new(out);
    let panel = kernel.panel;
    blocks(kernel, m, n)
        .into_par_iter()
        .for_each(|((top, height), columns)| {
            for (row, count) in even_parts(rows, CHUNK) {
                with_scratch(|packed| {
                    let tiles = tiles(height, kernel.rows, count);
                    // A whole number of cache lines, so that the panel begins on one.
                    let left_size = (height * count).next_multiple_of(64);
                    packed.resize(left_size + panel * count);
                    let (packed_left, packed_right) = packed.split_at_mut(left_size);
                    // SAFETY: `left` holds `count` rows of `m` numbers from `row` on, of which the
                    // tiles take `height` from `top`; their offsets and lanes fill what was just
                    // set aside. The processor has the kernel's set.
                    unsafe {
                        (kernel.cut)(
                            left[row * m + top..].as_ptr(),
                            m,
                            count,
                            &tiles,
                            packed_left.as_mut_ptr(),
                        );
                    }
                    if rounded {
                        round_in_place(&mut packed_left[..height * count]);
                    }
                    for first in columns.clone().step_by(panel) {
                        let width = panel.min(columns.end - first);
                        let strip = Strip {
                            start: 0,
                            width,
                            lanes: panel,
                            offset: 0,
                        };
                        let source = right[row * n + first..].as_ptr();
                        // SAFETY: `right` likewise, and the panel has room for `count` rows.
                        unsafe {
                            (kernel.cut)(source, n, count, &[strip], packed_right.as_mut_ptr());
                        }
                        if rounded {
                            round_in_place(packed_right);
                        }
                        let grid = Grid {
                            left: packed_left.as_ptr(),
                            rows: height,
                            right: packed_right.as_ptr(),
                            panel_stride: 0,
                            inner: count,
                            out: out.at(top * n + first),
                            stride: n,
                            columns: width,
                            add: add || row > 0,
                            next: Next::Rows(source.wrapping_add(panel), n),
                        };
                        // SAFETY: the operands were packed just now, and the blocks of the result
                        // do not overlap.
                        unsafe { grid.compute(kernel) };
                    }
                });
            }
        });
}

/// Strips of the result's rows, cut across where there are too few for the threads.
fn blocks(kernel: &Kernel, m: usize, n: usize) -> Vec<((usize, usize), Range<usize>)> {
    let strips = m.div_ceil(TALLEST);
    let panels = n.div_ceil(kernel.panel);
    let threads = rayon::current_num_threads();
    let parts = (1..=threads)
        .find(|parts| (strips * parts).is_multiple_of(threads) || strips * parts >= 4 * threads)
        .unwrap_or(threads)
        .min(panels);
    even_parts(m, TALLEST)
        .flat_map(|rows| {
            even_parts(panels, panels.div_ceil(parts)).map(move |(first, count)| {
                let start = first * kernel.panel;
                (rows, start..n.min(start + count * kernel.panel))
            })
        })
        .collect()
}
