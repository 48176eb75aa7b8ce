//! `out = left · right`, with a finishing touch on each block of rows while it is in cache.
//!
//! Many rows are split between threads by rows; few rows by columns, so that one short text keeps
//! every core busy. Either way an element is summed in the same order, so that a row comes out the
//! same by bits whatever stands around it and however many threads there are.

use rayon::prelude::*;

/// Rows of a result that are finished together.
const ROWS_PER_BLOCK: usize = 56;
/// Up to this many rows, threads share out the columns.
const FEW_ROWS: usize = 112;
/// Parts that few rows are finished in, where there is enough to do.
const FINISHING_PARTS: usize = 4;
/// Numbers of a result that one thread finishes at least.
const WORTH_FINISHING: usize = 4096;
/// Multiplications below which a part of the columns is not worth a thread's attention.
pub(super) const WORTH_A_TASK: usize = 1 << 17;

/// The right operand of a product, `(inner, columns)`, laid out for it.
pub(crate) trait Right: Sync {
    /// Numbers that each element of a result sums over.
    fn inner(&self) -> usize;

    /// Columns of the operand and of a result.
    fn columns(&self) -> usize;

    /// Computes one block of whole rows on the calling thread. Nothing in it is empty.
    fn multiply_block(&self, left: &[f32], out: &mut [f32]);

    /// Computes few rows, sharing out the columns between threads. Nothing in it is empty.
    fn multiply_few(&self, left: &[f32], out: &mut [f32]);
}

/// `out = left · right`; `finish(first_row, rows)` then sees each finished block of whole rows
/// once, soon after it was computed and while it is in cache, and may change it.
///
/// The size of a block follows from that of the result, whatever the number of threads; the last
/// one is what is left.
/// `left (rows, inner)`, `out (rows, columns)`, row-major.
pub(crate) fn product(
    left: &[f32],
    right: &(impl Right + ?Sized),
    out: &mut [f32],
    finish: impl Fn(usize, &mut [f32]) + Sync,
) {
    let (inner, columns) = (right.inner(), right.columns());
    assert_eq!(
        left.len() * columns,
        out.len() * inner,
        "sizes of a product"
    );
    if out.is_empty() {
        return;
    }
    let rows = out.len() / columns;
    let block_size = ROWS_PER_BLOCK * columns;
    if inner == 0 {
        out.fill(0.0);
    } else if rows <= FEW_ROWS {
        right.multiply_few(left, out);
    } else {
        out.par_chunks_mut(block_size)
            .enumerate()
            .for_each(|(block, out)| {
                let first = block * ROWS_PER_BLOCK;
                let left = &left[first * inner..][..out.len() / columns * inner];
                right.multiply_block(left, out);
                finish(first, out);
            });
        return;
    }
    let together = rows
        .div_ceil(FINISHING_PARTS)
        .max(WORTH_FINISHING.div_ceil(columns));
    if rows <= together {
        finish(0, out);
    } else {
        out.par_chunks_mut(together * columns)
            .enumerate()
            .for_each(|(part, out)| finish(part * together, out));
    }
}
