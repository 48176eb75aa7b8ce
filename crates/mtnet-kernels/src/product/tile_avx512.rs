//! The micro-kernel for AVX-512: a tile of 14 rows and 32 columns in 28 of the 32 registers.

use std::arch::x86_64::*;

use super::strips::Strip;
use super::tile::{Ahead, Kernel, Operand, Tile, Transpose, by_rows};
use crate::isa::Isa;

const PANEL: usize = 32;
const LANES: usize = 16;
/// Steps of `inner` that the panel is fetched ahead of its use.
const DISTANCE: usize = 8;
/// Rows that strips are fetched ahead of being copied.
const ROWS_AHEAD: usize = 8;

pub(super) static KERNEL: Kernel = Kernel {
    isa: Isa::Avx512,
    rows: 14,
    panel: PANEL,
    tile: tile::<f32>,
    tile_half: tile::<u16>,
    transpose,
    cut,
};

#[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,fma")]
unsafe fn tile<R: Operand>(tile: &Tile<R>) {
    // SAFETY: each branch has the number of rows that the caller promises.
    unsafe { by_rows!(tile, rows<R>, 1 2 3 4 5 6 7 8 9 10 11 12 13 14) }
}

/// The lowest `count` lanes.
fn mask(count: usize) -> __mmask16 {
    if count >= LANES { !0 } else { (1 << count) - 1 }
}

#[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,fma")]
unsafe fn rows<R: Operand, const ROWS: usize>(tile: &Tile<R>) {
    let masks = [mask(tile.columns), mask(tile.columns.saturating_sub(LANES))];
    let mut sums = [[_mm512_setzero_ps(); 2]; ROWS];
    let (mut left, mut right) = (tile.left, tile.right);
    // SAFETY: the caller promises `inner · ROWS` numbers at `left`, `inner · PANEL` at `right`
    // and `ROWS · columns` elements at `out`; the masks keep other columns untouched. Fetching
    // ahead may name any address.
    unsafe {
        if tile.add {
            // What the sums are added to is fetched while they are made.
            for row in 0..ROWS {
                let out = tile.out.add(row * tile.stride);
                _mm_prefetch::<_MM_HINT_T0>(out.cast());
                _mm_prefetch::<_MM_HINT_T0>(out.wrapping_add(LANES).cast());
            }
        }
        let Ahead {
            start: mut ahead,
            step,
        } = tile.ahead;
        for _ in 0..tile.inner {
            _mm_prefetch::<_MM_HINT_T1>(ahead.cast());
            ahead = ahead.wrapping_add(step);
            let near = right.wrapping_add(DISTANCE * PANEL).cast::<i8>();
            _mm_prefetch::<_MM_HINT_T0>(near);
            let panel = if R::HALF {
                let pairs = _mm512_load_si512(right.cast());
                let upper = _mm512_set1_epi32(0xffff_0000_u32.cast_signed());
                [
                    _mm512_castsi512_ps(_mm512_slli_epi32::<16>(pairs)),
                    _mm512_castsi512_ps(_mm512_and_si512(pairs, upper)),
                ]
            } else {
                _mm_prefetch::<_MM_HINT_T0>(near.wrapping_add(64));
                let right = right.cast::<f32>();
                [_mm512_load_ps(right), _mm512_load_ps(right.add(LANES))]
            };
            for (row, sums) in sums.iter_mut().enumerate() {
                let left = _mm512_set1_ps(*left.add(row));
                sums[0] = _mm512_fmadd_ps(left, panel[0], sums[0]);
                sums[1] = _mm512_fmadd_ps(left, panel[1], sums[1]);
            }
            left = left.add(ROWS);
            right = right.add(PANEL);
        }
        if tile.add {
            for (row, sums) in sums.iter_mut().enumerate() {
                let out = tile.out.add(row * tile.stride);
                let before = _mm512_maskz_loadu_ps(masks[0], out);
                sums[0] = _mm512_add_ps(before, sums[0]);
                let before = _mm512_maskz_loadu_ps(masks[1], out.wrapping_add(LANES));
                sums[1] = _mm512_add_ps(before, sums[1]);
            }
        }
        for (row, sums) in sums.iter().enumerate() {
            let out = tile.out.add(row * tile.stride);
            _mm512_mask_storeu_ps(out, masks[0], sums[0]);
            _mm512_mask_storeu_ps(out.wrapping_add(LANES), masks[1], sums[1]);
        }
    }
}

#[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,fma")]
unsafe fn transpose(call: &Transpose) {
    let lanes = mask(call.lanes);
    for first in (0..call.columns).step_by(LANES) {
        let count = LANES.min(call.columns - first);
        let wanted = mask(count);
        let mut block = [_mm512_setzero_ps(); LANES];
        // SAFETY: the caller promises `rows` rows of `columns` numbers at `source`; the mask
        // leaves out what lies past them.
        unsafe {
            for (r, row) in block.iter_mut().enumerate().take(call.rows) {
                let source = call.source.add(r * call.from + first);
                *row = _mm512_maskz_loadu_ps(wanted, source.cast());
            }
        }
        let block = transposed(block);
        // SAFETY: the caller promises room for `columns` rows of `lanes` numbers, `to` apart.
        unsafe {
            for (c, &row) in block.iter().enumerate().take(count) {
                let destination = call.destination.add((first + c) * call.to);
                _mm512_mask_storeu_ps(destination.cast(), lanes, row);
            }
        }
    }
}

/// The transpose of 16 rows of 16 numbers: pairs, then fours, then whole quarters change places.
#[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,fma")]
#[inline]
fn transposed(rows: [__m512; LANES]) -> [__m512; LANES] {
    let zero = _mm512_setzero_ps();
    let mut pairs = [zero; LANES];
    for i in 0..LANES / 2 {
        pairs[2 * i] = _mm512_unpacklo_ps(rows[2 * i], rows[2 * i + 1]);
        pairs[2 * i + 1] = _mm512_unpackhi_ps(rows[2 * i], rows[2 * i + 1]);
    }
    let mut fours = [zero; LANES];
    for i in 0..LANES / 4 {
        let [a, b, c, d] = [0, 1, 2, 3].map(|j| _mm512_castps_pd(pairs[4 * i + j]));
        fours[4 * i] = _mm512_castpd_ps(_mm512_unpacklo_pd(a, c));
        fours[4 * i + 1] = _mm512_castpd_ps(_mm512_unpackhi_pd(a, c));
        fours[4 * i + 2] = _mm512_castpd_ps(_mm512_unpacklo_pd(b, d));
        fours[4 * i + 3] = _mm512_castpd_ps(_mm512_unpackhi_pd(b, d));
    }
    // `fours[4 i + j]` holds columns j, j + 4, j + 8, j + 12 of rows 4 i to 4 i + 3.
    let mut result = [zero; LANES];
    for j in 0..4 {
        let [a, b, c, d] = [fours[j], fours[4 + j], fours[8 + j], fours[12 + j]];
        let even = _mm512_shuffle_f32x4::<0b10_00_10_00>(a, b);
        let odd = _mm512_shuffle_f32x4::<0b11_01_11_01>(a, b);
        let even_below = _mm512_shuffle_f32x4::<0b10_00_10_00>(c, d);
        let odd_below = _mm512_shuffle_f32x4::<0b11_01_11_01>(c, d);
        result[j] = _mm512_shuffle_f32x4::<0b10_00_10_00>(even, even_below);
        result[j + 4] = _mm512_shuffle_f32x4::<0b10_00_10_00>(odd, odd_below);
        result[j + 8] = _mm512_shuffle_f32x4::<0b11_01_11_01>(even, even_below);
        result[j + 12] = _mm512_shuffle_f32x4::<0b11_01_11_01>(odd, odd_below);
    }
    result
}

#[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,fma")]
unsafe fn cut(
    source: *const f32,
    stride: usize,
    count: usize,
    strips: &[Strip],
    destination: *mut f32,
) {
    for k in 0..count {
        for strip in strips {
            // SAFETY: the caller promises `count` rows that hold the strips, and room for
            // `lanes` numbers a row of each; the masks leave out the rest.
            unsafe {
                let from = source.add(k * stride + strip.start);
                let to = destination.add(strip.offset + k * strip.lanes);
                // The rows lie too far apart for the processor to see where the next one begins.
                let later = from.wrapping_add(ROWS_AHEAD * stride);
                _mm_prefetch::<_MM_HINT_T1>(later.cast());
                let values = _mm512_maskz_loadu_ps(mask(strip.width), from);
                _mm512_mask_storeu_ps(to, mask(strip.lanes), values);
                if strip.lanes > LANES {
                    _mm_prefetch::<_MM_HINT_T1>(later.wrapping_add(LANES).cast());
                    let wanted = mask(strip.width.saturating_sub(LANES));
                    let values = _mm512_maskz_loadu_ps(wanted, from.wrapping_add(LANES));
                    let kept = mask(strip.lanes - LANES);
                    _mm512_mask_storeu_ps(to.add(LANES), kept, values);
                }
            }
        }
    }
}
