//! The small products with AVX-512.

use std::arch::x86_64::{
    __mmask16, _mm512_add_ps, _mm512_fmadd_ps, _mm512_loadu_ps, _mm512_mask_storeu_ps,
    _mm512_maskz_loadu_ps, _mm512_set1_ps, _mm512_setzero_ps,
};

use super::small::{Left, Right};

const WIDTH: usize = 16;

/// Rows of the largest tile.
const ROWS: usize = 8;

/// As [`small::multiply`](super::small::multiply).
///
/// # Safety
/// The processor must have AVX-512 F, and the slices must hold what `shape` and the steps span.
#[target_feature(enable = "avx512f")]
pub(super) unsafe fn multiply(
    (rows, terms, columns): (usize, usize, usize),
    left: Left<'_>,
    right: Right<'_>,
    add: bool,
    out: &mut [f32],
    out_row: usize,
) {
    // Tiles of nearly one height: a last one of a single row would wait for its own sums.
    let tiles = rows.div_ceil(ROWS);
    let mut column = 0;
    while column < columns {
        let vectors = (columns - column).div_ceil(WIDTH).min(3);
        let taken = (vectors * WIDTH).min(columns - column);
        let span = Span {
            terms,
            left_row: left.row,
            left_term: left.term,
            right_row: right.row,
            out_row,
            mask: mask(taken - (vectors - 1) * WIDTH),
            add,
        };
        for tile in 0..tiles {
            let row = tile * rows / tiles;
            let height = (tile + 1) * rows / tiles - row;
            let run = match vectors {
                1 => by_rows::<1>,
                2 => by_rows::<2>,
                _ => by_rows::<3>,
            };
            // SAFETY: row and column lie inside the matrices; where a sum has no terms, nothing is
            // read and the addresses may lie outside.
            unsafe {
                run(
                    height,
                    &span,
                    left.values.as_ptr().wrapping_add(row * left.row),
                    right.values.as_ptr().wrapping_add(column),
                    out.as_mut_ptr().add(row * out_row + column),
                );
            }
        }
        column += taken;
    }
}

/// Bits for the first `count` of 16 numbers.
fn mask(count: usize) -> __mmask16 {
    ((1u32 << count) - 1) as __mmask16
}

/// Steps through the matrices of a tile.
struct Span {
    terms: usize,
    left_row: usize,
    left_term: usize,
    right_row: usize,
    out_row: usize,
    /// Columns of the last vector.
    mask: __mmask16,
    add: bool,
}

/// # Safety
/// As [`tile`].
#[target_feature(enable = "avx512f")]
unsafe fn by_rows<const VECTORS: usize>(
    height: usize,
    span: &Span,
    left: *const f32,
    right: *const f32,
    out: *mut f32,
) {
    // SAFETY: the caller's promise for `height` rows is that of the tile of this height.
    unsafe {
        match height {
            1 => tile::<1, VECTORS>(span, left, right, out),
            2 => tile::<2, VECTORS>(span, left, right, out),
            3 => tile::<3, VECTORS>(span, left, right, out),
            4 => tile::<4, VECTORS>(span, left, right, out),
            5 => tile::<5, VECTORS>(span, left, right, out),
            6 => tile::<6, VECTORS>(span, left, right, out),
            7 => tile::<7, VECTORS>(span, left, right, out),
            _ => tile::<8, VECTORS>(span, left, right, out),
        }
    }
}

/// # Safety
/// The processor must have AVX-512 F; `HEIGHT` rows of `left`, `span.terms` rows of `right` and
/// `HEIGHT` rows of `out`, each with the columns of `VECTORS` vectors of which the last is masked,
/// must lie at the addresses.
#[target_feature(enable = "avx512f")]
unsafe fn tile<const HEIGHT: usize, const VECTORS: usize>(
    span: &Span,
    left: *const f32,
    right: *const f32,
    out: *mut f32,
) {
    let mut sums = [[_mm512_setzero_ps(); VECTORS]; HEIGHT];
    // SAFETY: all addresses are those that the caller promises; masked lanes are not touched.
    unsafe {
        for term in 0..span.terms {
            let right = right.add(term * span.right_row);
            let mut columns = [_mm512_setzero_ps(); VECTORS];
            for (vector, column) in columns.iter_mut().enumerate() {
                *column = if vector + 1 == VECTORS {
                    _mm512_maskz_loadu_ps(span.mask, right.add(vector * WIDTH))
                } else {
                    _mm512_loadu_ps(right.add(vector * WIDTH))
                };
            }
            for (row, sums) in sums.iter_mut().enumerate() {
                let weight = _mm512_set1_ps(*left.add(row * span.left_row + term * span.left_term));
                for (sum, &column) in sums.iter_mut().zip(&columns) {
                    *sum = _mm512_fmadd_ps(weight, column, *sum);
                }
            }
        }
        for (row, sums) in sums.iter().enumerate() {
            for (vector, &sum) in sums.iter().enumerate() {
                let at = out.add(row * span.out_row + vector * WIDTH);
                let mask = if vector + 1 == VECTORS { span.mask } else { !0 };
                let sum = if span.add {
                    _mm512_add_ps(_mm512_maskz_loadu_ps(mask, at), sum)
                } else {
                    sum
                };
                _mm512_mask_storeu_ps(at, mask, sum);
            }
        }
    }
}
