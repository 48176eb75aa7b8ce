//! The micro-kernel in plain Rust, for any processor and as the reference of the others.

use super::bf16;
use super::strips::Strip;
use super::tile::{Kernel, Operand, Tile, Transpose, by_rows};
use crate::isa::Isa;

/// Rows and columns of a tile: as many as the vector registers of the base set hold.
#[cfg(target_arch = "aarch64")]
const SIZE: (usize, usize) = (6, 16);
#[cfg(not(target_arch = "aarch64"))]
const SIZE: (usize, usize) = (4, 8);
const PANEL: usize = SIZE.1;

pub(super) static KERNEL: Kernel = Kernel {
    isa: Isa::Base,
    rows: SIZE.0,
    panel: PANEL,
    tile: tile::<f32>,
    tile_half: tile::<u16>,
    transpose,
    cut,
};

unsafe fn tile<R: Operand + Widen>(tile: &Tile<R>) {
    // SAFETY: each branch has the number of rows that the caller promises.
    unsafe { by_rows!(tile, rows<R>, 1 2 3 4 5 6) }
}

/// How a packed row of a panel reads as numbers in the order of their columns.
trait Widen: Sized {
    fn widen(row: &[Self; PANEL]) -> [f32; PANEL];
}

impl Widen for f32 {
    #[inline(always)]
    fn widen(row: &[f32; PANEL]) -> [f32; PANEL] {
        *row
    }
}

impl Widen for u16 {
    #[inline(always)]
    fn widen(row: &[u16; PANEL]) -> [f32; PANEL] {
        std::array::from_fn(|c| bf16::widen(row[c % (PANEL / 2) * 2 + c / (PANEL / 2)]))
    }
}

unsafe fn rows<R: Operand + Widen, const ROWS: usize>(tile: &Tile<R>) {
    let mut sums = [[0f32; PANEL]; ROWS];
    // SAFETY: the caller promises `rows · columns` elements at `out`, `inner · rows` numbers at
    // `left` and `inner · PANEL` at `right`.
    unsafe {
        for k in 0..tile.inner {
            let packed = &*tile.right.add(k * PANEL).cast::<[R; PANEL]>();
            let right = R::widen(packed);
            let left = &*tile.left.add(k * ROWS).cast::<[f32; ROWS]>();
            for (sums, &left) in sums.iter_mut().zip(left) {
                for (sum, right) in sums.iter_mut().zip(right) {
                    *sum = multiply_add(left, right, *sum);
                }
            }
        }
        for (row, sums) in sums.iter().enumerate() {
            let out = tile.out.add(row * tile.stride);
            for (column, &sum) in sums.iter().enumerate().take(tile.columns) {
                let before = if tile.add { *out.add(column) } else { 0.0 };
                *out.add(column) = before + sum;
            }
        }
    }
}

/// Fused where that is one instruction, and not a call into a library.
#[inline(always)]
fn multiply_add(a: f32, b: f32, c: f32) -> f32 {
    if cfg!(any(target_arch = "aarch64", target_feature = "fma")) {
        a.mul_add(b, c)
    } else {
        a * b + c
    }
}

pub(super) unsafe fn transpose(call: &Transpose) {
    for c in 0..call.columns {
        for r in 0..call.lanes {
            // SAFETY: the caller promises the numbers that these indices name.
            unsafe {
                *call.destination.add(c * call.to + r) = if r < call.rows {
                    *call.source.add(r * call.from + c)
                } else {
                    0
                };
            }
        }
    }
}

pub(super) unsafe fn cut(
    source: *const f32,
    stride: usize,
    count: usize,
    strips: &[Strip],
    destination: *mut f32,
) {
    for k in 0..count {
        for strip in strips {
            // SAFETY: the caller promises `count` rows that hold the strips, and room for them.
            unsafe {
                let from = source.add(k * stride + strip.start);
                let to = destination.add(strip.offset + k * strip.lanes);
                for c in 0..strip.width {
                    *to.add(c) = *from.add(c);
                }
                for c in strip.width..strip.lanes {
                    *to.add(c) = 0.0;
                }
            }
        }
    }
}
