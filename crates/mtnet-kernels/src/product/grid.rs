//! The loops around a micro-kernel: every tile of a block of the result, from packed operands.

use std::cell::Cell;
use std::thread::LocalKey;

use super::aligned::Aligned;
use super::strips::even_parts;
use super::tile::{Ahead, Kernel, Operand, Tile, Transpose};

/// A block of the result and the packed operands that it takes.
pub(super) struct Grid<R> {
    /// Tiles of [`even_parts`] of `rows`, each `(inner, tile rows)`, one after the other.
    pub left: *const f32,
    /// Rows of the block.
    pub rows: usize,
    /// The first panel.
    pub right: *const R,
    /// Numbers from one panel to the next.
    pub panel_stride: usize,
    /// Numbers that are summed over.
    pub inner: usize,
    /// First element of the block in a row-major result.
    pub out: *mut f32,
    /// Numbers from one row of the result to the next.
    pub stride: usize,
    /// Columns of the block; all but the last panel are whole.
    pub columns: usize,
    /// Whether to add to what `out` holds.
    pub add: bool,
    /// What is needed after this block.
    pub next: Next,
}

/// What a block fetches into the cache while it is computed.
#[derive(Clone, Copy)]
pub(super) enum Next {
    /// For each panel the next one.
    Panel,
    /// The rows that the next panel is packed from: the first number, and the numbers from one
    /// row to the next.
    Rows(*const f32, usize),
}

/// Numbers in a line of the cache.
const LINE: usize = 16;

impl<R: Operand> Grid<R> {
    /// Computes the block. A panel stays in the first-level cache while the tiles pass by, and
    /// the next panel is fetched meanwhile.
    ///
    /// # Safety
    /// The pointers must be good for what the fields say, with nobody else at the block of `out`,
    /// and the processor must have the kernel's instructions.
    pub unsafe fn compute(&self, kernel: &Kernel) {
        let tile = R::tile(kernel);
        for (panel, first) in (0..self.columns).step_by(kernel.panel).enumerate() {
            let columns = kernel.panel.min(self.columns - first);
            let right = self.right.wrapping_add(panel * self.panel_stride);
            let next = right.wrapping_add(self.panel_stride);
            for (index, (start, rows)) in even_parts(self.rows, kernel.rows).enumerate() {
                let ahead = match self.next {
                    Next::Panel => Ahead {
                        start: next.wrapping_byte_add(index * self.inner * 64).cast(),
                        step: 64,
                    },
                    // The first tiles fetch all; a row that begins inside a line touches one more.
                    Next::Rows(start, stride) => Ahead {
                        start: start
                            .wrapping_add(index.min(kernel.panel / LINE) * LINE)
                            .cast(),
                        step: stride * size_of::<f32>(),
                    },
                };
                let call = Tile {
                    left: self.left.wrapping_add(start * self.inner),
                    right,
                    ahead,
                    inner: self.inner,
                    out: self.out.wrapping_add(start * self.stride + first),
                    stride: self.stride,
                    rows,
                    columns,
                    add: self.add,
                };
                // SAFETY: the tile lies in the block, and its operands in those that the caller
                // promises.
                unsafe { tile(&call) };
            }
        }
    }
}

/// Packs rows of a row-major left operand, `stride` apart, into tiles of `inner` numbers a row.
pub(super) fn pack_left(
    kernel: &Kernel,
    left: &[f32],
    stride: usize,
    (rows, inner): (usize, usize),
    packed: &mut [f32],
) {
    assert!(rows > 0 && left.len() >= (rows - 1) * stride + inner && packed.len() == rows * inner);
    for (start, height) in even_parts(rows, kernel.rows) {
        // SAFETY: rows `start..start + height` of `left` hold `inner` numbers each, as asserted,
        // and the tile's share of `packed` is `inner · height` numbers. The kernel is one that
        // this processor has.
        unsafe {
            (kernel.transpose)(&Transpose {
                source: left.as_ptr().add(start * stride).cast(),
                from: stride,
                rows: height,
                columns: inner,
                destination: packed.as_mut_ptr().add(start * inner).cast(),
                to: height,
                lanes: height,
            });
        }
    }
}

/// Hands out this thread's buffer for packed operands, so that a product allocates only once.
pub(super) fn with_scratch<T>(work: impl FnOnce(&mut Aligned<f32>) -> T) -> T {
    thread_local! {
        static SCRATCH: Cell<Aligned<f32>> = const { Cell::new(Aligned::new()) };
    }
    lend(&SCRATCH, work)
}

/// Takes what a thread keeps and puts it back after `work`: a thread that meets another product
/// while it waits inside `work` finds the empty default.
pub(super) fn lend<S: Default, T>(
    kept: &'static LocalKey<Cell<S>>,
    work: impl FnOnce(&mut S) -> T,
) -> T {
    let mut lent = kept.take();
    let result = work(&mut lent);
    kept.set(lent);
    result
}
