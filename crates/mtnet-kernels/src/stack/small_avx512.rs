//! The small products with AVX-512.

use std::arch::x86_64::{
    __m512, __m512i, __mmask16, _mm512_add_ps, _mm512_fmadd_ps, _mm512_loadu_ps,
    _mm512_mask_storeu_ps, _mm512_maskz_loadu_ps, _mm512_permutex2var_ps, _mm512_set1_ps,
    _mm512_setr_epi32, _mm512_setzero_ps, _mm512_shuffle_f32x4, _mm512_storeu_ps,
    _mm512_unpackhi_ps, _mm512_unpacklo_ps,
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

/// As [`small::transpose`](super::small::transpose), in blocks of 16 · 16.
///
/// # Safety
/// The processor must have AVX-512 F, and the slices must hold what the sizes and steps span.
#[target_feature(enable = "avx512f")]
pub(super) unsafe fn transpose(
    values: &[f32],
    row: usize,
    (rows, columns): (usize, usize),
    out: &mut [f32],
    stride: usize,
) {
    for first_row in (0..stride).step_by(WIDTH) {
        for first_column in (0..columns).step_by(WIDTH) {
            let width = (columns - first_column).min(WIDTH);
            let mut block = [_mm512_setzero_ps(); WIDTH];
            for (r, lane) in (first_row..rows).zip(&mut block) {
                // SAFETY: the masked numbers are columns of row `r < rows`.
                *lane = unsafe {
                    _mm512_maskz_loadu_ps(mask(width), values.as_ptr().add(r * row + first_column))
                };
            }
            let block = transposed(block);
            for (c, &lane) in block.iter().enumerate().take(width) {
                // SAFETY: 16 numbers of row `first_column + c < columns` of `out`, whose rows hold
                // `stride` numbers, a multiple of 16 above `first_row`.
                unsafe {
                    _mm512_storeu_ps(
                        out.as_mut_ptr()
                            .add((first_column + c) * stride + first_row),
                        lane,
                    );
                }
            }
        }
    }
}

/// A 16 · 16 block with rows and columns exchanged: pairs of rows are interleaved by numbers, then
/// pairs of pairs by pairs, then quarters of vectors are gathered.
#[target_feature(enable = "avx512f")]
fn transposed(rows: [__m512; WIDTH]) -> [__m512; WIDTH] {
    let low_pairs: __m512i =
        _mm512_setr_epi32(0, 1, 16, 17, 4, 5, 20, 21, 8, 9, 24, 25, 12, 13, 28, 29);
    let high_pairs: __m512i =
        _mm512_setr_epi32(2, 3, 18, 19, 6, 7, 22, 23, 10, 11, 26, 27, 14, 15, 30, 31);
    let mut fours = [_mm512_setzero_ps(); WIDTH];
    for group in 0..4 {
        let [a, b, c, d] = [0, 1, 2, 3].map(|row| rows[4 * group + row]);
        let (ab_low, ab_high) = (_mm512_unpacklo_ps(a, b), _mm512_unpackhi_ps(a, b));
        let (cd_low, cd_high) = (_mm512_unpacklo_ps(c, d), _mm512_unpackhi_ps(c, d));
        // Number `q` holds, in quarter `k`, column `4 · k + q` of the group's four rows.
        fours[4 * group] = _mm512_permutex2var_ps(ab_low, low_pairs, cd_low);
        fours[4 * group + 1] = _mm512_permutex2var_ps(ab_low, high_pairs, cd_low);
        fours[4 * group + 2] = _mm512_permutex2var_ps(ab_high, low_pairs, cd_high);
        fours[4 * group + 3] = _mm512_permutex2var_ps(ab_high, high_pairs, cd_high);
    }
    let mut out = [_mm512_setzero_ps(); WIDTH];
    for q in 0..4 {
        let [a, b, c, d] = [0, 1, 2, 3].map(|group| fours[4 * group + q]);
        // Quarters 0 and 1, then 2 and 3, of the first two and of the last two groups.
        let (ab_low, ab_high) = (
            _mm512_shuffle_f32x4::<0b01_00_01_00>(a, b),
            _mm512_shuffle_f32x4::<0b11_10_11_10>(a, b),
        );
        let (cd_low, cd_high) = (
            _mm512_shuffle_f32x4::<0b01_00_01_00>(c, d),
            _mm512_shuffle_f32x4::<0b11_10_11_10>(c, d),
        );
        out[q] = _mm512_shuffle_f32x4::<0b10_00_10_00>(ab_low, cd_low);
        out[4 + q] = _mm512_shuffle_f32x4::<0b11_01_11_01>(ab_low, cd_low);
        out[8 + q] = _mm512_shuffle_f32x4::<0b10_00_10_00>(ab_high, cd_high);
        out[12 + q] = _mm512_shuffle_f32x4::<0b11_01_11_01>(ab_high, cd_high);
    }
    out
}
