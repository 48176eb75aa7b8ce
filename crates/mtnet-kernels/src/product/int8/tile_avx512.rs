//! The micro-kernel on 8-bit integers for AVX-512 VNNI: one instruction multiplies and sums a
//! group of four in each of 16 lanes, in a tile of 14 rows and 32 columns.

use std::arch::x86_64::*;

use super::GROUP;
use super::tile::{Kernel, Tile, write};
use crate::product::{tile::by_rows, tile_avx512};

const PANEL: usize = 32;
/// Groups that the panel is fetched ahead of its use.
const DISTANCE: usize = 8;

pub(super) static KERNEL: Kernel = Kernel {
    base: &tile_avx512::KERNEL,
    rows: 14,
    panel: PANEL,
    tile,
};

#[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx512vnni")]
unsafe fn tile(tile: &Tile) {
    // SAFETY: each branch has the number of rows that the caller promises.
    unsafe { by_rows!(tile, rows, 1 2 3 4 5 6 7 8 9 10 11 12 13 14) }
}

#[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx512vnni")]
unsafe fn rows<const ROWS: usize>(tile: &Tile) {
    let mut sums = [[_mm512_setzero_si512(); 2]; ROWS];
    let (mut left, mut right) = (tile.left, tile.right);
    let mut ahead = tile.ahead;
    for _ in 0..tile.groups {
        // SAFETY: the caller promises `groups · ROWS` groups at `left` and `groups · PANEL` at
        // `right`. Fetching ahead may name any address.
        unsafe {
            _mm_prefetch::<_MM_HINT_T1>(ahead);
            ahead = ahead.wrapping_add(64);
            let near = right.wrapping_add(DISTANCE * PANEL * GROUP);
            _mm_prefetch::<_MM_HINT_T0>(near);
            _mm_prefetch::<_MM_HINT_T0>(near.wrapping_add(64));
            let columns = [
                _mm512_load_si512(right.cast()),
                _mm512_load_si512(right.add(64).cast()),
            ];
            for (row, sums) in sums.iter_mut().enumerate() {
                let group = _mm512_set1_epi32(left.add(row).read().cast_signed());
                sums[0] = _mm512_dpbusd_epi32(sums[0], group, columns[0]);
                sums[1] = _mm512_dpbusd_epi32(sums[1], group, columns[1]);
            }
            left = left.add(ROWS);
            right = right.add(PANEL * GROUP);
        }
    }
    let mut stored = [[0i32; PANEL]; ROWS];
    for (stored, sums) in stored.iter_mut().zip(sums) {
        // SAFETY: a row of `stored` is two registers wide.
        unsafe {
            _mm512_storeu_si512(stored.as_mut_ptr().cast(), sums[0]);
            _mm512_storeu_si512(stored.as_mut_ptr().add(PANEL / 2).cast(), sums[1]);
        }
    }
    // SAFETY: as the caller promises.
    unsafe { write(tile, &stored) }
}
