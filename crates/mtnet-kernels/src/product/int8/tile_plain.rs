//! The micro-kernel on 8-bit integers in plain Rust, the reference of the others.

use super::GROUP;
use super::tile::{Kernel, Tile, write};
use crate::product::{tile::by_rows, tile_plain};

const PANEL: usize = 8;

pub(super) static KERNEL: Kernel = Kernel {
    base: &tile_plain::KERNEL,
    rows: 4,
    panel: PANEL,
    tile,
};

unsafe fn tile(tile: &Tile) {
    // SAFETY: each branch has the number of rows that the caller promises.
    unsafe { by_rows!(tile, rows, 1 2 3 4) }
}

unsafe fn rows<const ROWS: usize>(tile: &Tile) {
    let mut sums = [[0i32; PANEL]; ROWS];
    for group in 0..tile.groups {
        // SAFETY: the caller promises `groups · ROWS` groups at `left`, `groups · PANEL` at
        // `right`.
        let (left, right) = unsafe {
            (
                &*tile.left.add(group * ROWS).cast::<[[u8; GROUP]; ROWS]>(),
                &*tile
                    .right
                    .add(group * PANEL * GROUP)
                    .cast::<[[i8; GROUP]; PANEL]>(),
            )
        };
        for (sums, left) in sums.iter_mut().zip(left) {
            for (sum, right) in sums.iter_mut().zip(right) {
                for (&left, &right) in left.iter().zip(right) {
                    *sum += i32::from(left) * i32::from(right);
                }
            }
        }
    }
    // SAFETY: as the caller promises.
    unsafe { write(tile, &sums) }
}
