//! The micro-kernel for AVX2 with FMA: a tile of 6 rows and 16 columns in 12 of 16 registers.

use std::arch::x86_64::*;

use super::tile::{Ahead, Kernel, Operand, Tile, Transpose, by_rows};
use super::tile_plain;
use crate::isa::Isa;

const PANEL: usize = 16;
const LANES: usize = 8;

pub(super) static KERNEL: Kernel = Kernel {
    isa: Isa::Avx2,
    rows: 6,
    panel: PANEL,
    tile: tile::<f32>,
    tile_half: tile::<u16>,
    transpose,
    cut: tile_plain::cut,
};

#[target_feature(enable = "avx2,fma")]
unsafe fn tile<R: Operand>(tile: &Tile<R>) {
    // SAFETY: each branch has the number of rows that the caller promises.
    unsafe { by_rows!(tile, rows<R>, 1 2 3 4 5 6) }
}

/// The lowest `count` lanes, as the sign bits that masked loads and stores look at.
#[target_feature(enable = "avx2,fma")]
fn mask(count: usize) -> __m256i {
    let count = _mm256_set1_epi32(count.min(LANES) as i32);
    _mm256_cmpgt_epi32(count, _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7))
}

#[target_feature(enable = "avx2,fma")]
unsafe fn rows<R: Operand, const ROWS: usize>(tile: &Tile<R>) {
    let masks = [mask(tile.columns), mask(tile.columns.saturating_sub(LANES))];
    let mut sums = [[_mm256_setzero_ps(); 2]; ROWS];
    let (mut left, mut right) = (tile.left, tile.right);
    // SAFETY: the caller promises `inner · ROWS` numbers at `left`, `inner · PANEL` at `right`
    // and `ROWS · columns` elements at `out`; the masks keep other columns untouched. Fetching
    // ahead may name any address.
    unsafe {
        let Ahead {
            start: mut ahead,
            step,
        } = tile.ahead;
        for _ in 0..tile.inner {
            _mm_prefetch::<_MM_HINT_T1>(ahead.cast());
            ahead = ahead.wrapping_add(step);
            let panel = if R::HALF {
                let pairs = _mm256_load_si256(right.cast());
                let upper = _mm256_set1_epi32(0xffff_0000_u32.cast_signed());
                [
                    _mm256_castsi256_ps(_mm256_slli_epi32::<16>(pairs)),
                    _mm256_castsi256_ps(_mm256_and_si256(pairs, upper)),
                ]
            } else {
                let right = right.cast::<f32>();
                [_mm256_load_ps(right), _mm256_load_ps(right.add(LANES))]
            };
            for (row, sums) in sums.iter_mut().enumerate() {
                let left = _mm256_set1_ps(*left.add(row));
                sums[0] = _mm256_fmadd_ps(left, panel[0], sums[0]);
                sums[1] = _mm256_fmadd_ps(left, panel[1], sums[1]);
            }
            left = left.add(ROWS);
            right = right.add(PANEL);
        }
        for (row, sums) in sums.iter_mut().enumerate() {
            let out = tile.out.add(row * tile.stride);
            if tile.add {
                let before = _mm256_maskload_ps(out, masks[0]);
                sums[0] = _mm256_add_ps(before, sums[0]);
                let before = _mm256_maskload_ps(out.wrapping_add(LANES), masks[1]);
                sums[1] = _mm256_add_ps(before, sums[1]);
            }
            _mm256_maskstore_ps(out, masks[0], sums[0]);
            _mm256_maskstore_ps(out.wrapping_add(LANES), masks[1], sums[1]);
        }
    }
}

/// In blocks of 8 by 8, and number by number for the last columns.
#[target_feature(enable = "avx2,fma")]
unsafe fn transpose(call: &Transpose) {
    let whole = call.columns / LANES * LANES;
    for r in (0..call.lanes).step_by(LANES) {
        let rows = call.rows.saturating_sub(r);
        let lanes = mask(call.lanes - r);
        for c in (0..whole).step_by(LANES) {
            // SAFETY: the caller promises `rows` rows of `columns` numbers at `source`, and room
            // for `columns` rows of `lanes` numbers; the mask keeps what lies past them.
            unsafe {
                let source = call.source.wrapping_add(r * call.from + c);
                let block = transposed(source, call.from, rows);
                for (i, row) in block.into_iter().enumerate() {
                    let to = call.destination.add((c + i) * call.to + r);
                    _mm256_maskstore_ps(to.cast(), lanes, row);
                }
            }
        }
    }
    // SAFETY: a part of what the caller promises.
    unsafe {
        tile_plain::transpose(&Transpose {
            source: call.source.wrapping_add(whole),
            destination: call.destination.wrapping_add(whole * call.to),
            columns: call.columns - whole,
            ..*call
        });
    }
}

/// The transpose of 8 rows of 8 numbers, of which those from `rows` on are zeros.
#[target_feature(enable = "avx2,fma")]
#[inline]
unsafe fn transposed(source: *const u32, from: usize, rows: usize) -> [__m256; LANES] {
    let quarter = |row: usize, half: usize| {
        if row >= rows {
            return _mm_setzero_ps();
        }
        // SAFETY: the caller promises 8 numbers in each of `rows` rows.
        unsafe { _mm_loadu_ps(source.add(row * from + 4 * half).cast()) }
    };
    let mut result = [_mm256_setzero_ps(); LANES];
    for half in 0..2 {
        // Rows `i` and `i + 4` side by side.
        let [a, b, c, d] = [0, 1, 2, 3].map(|i| {
            let upper = _mm256_castps128_ps256(quarter(i, half));
            _mm256_insertf128_ps::<1>(upper, quarter(i + 4, half))
        });
        let low = [_mm256_unpacklo_ps(a, b), _mm256_unpacklo_ps(c, d)];
        let high = [_mm256_unpackhi_ps(a, b), _mm256_unpackhi_ps(c, d)];
        result[4 * half] = _mm256_shuffle_ps::<0b01_00_01_00>(low[0], low[1]);
        result[4 * half + 1] = _mm256_shuffle_ps::<0b11_10_11_10>(low[0], low[1]);
        result[4 * half + 2] = _mm256_shuffle_ps::<0b01_00_01_00>(high[0], high[1]);
        result[4 * half + 3] = _mm256_shuffle_ps::<0b11_10_11_10>(high[0], high[1]);
    }
    result
}
