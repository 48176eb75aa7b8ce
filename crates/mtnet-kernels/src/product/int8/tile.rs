//! What a micro-kernel on 8-bit integers computes, and which one this processor runs.
//!
//! Four numbers along `inner` make a group, and a lane of 32 bits sums a group at a time. `left`
//! is packed as `(groups, rows, 4)`, `right` as a panel `(groups, panel, 4)`.

use std::sync::OnceLock;

use super::tile_plain;
#[cfg(target_arch = "x86_64")]
use super::{tile_avx2, tile_avx512};
use crate::isa::{Isa, isa};
use crate::product::tile;

/// One call of a micro-kernel.
pub(crate) struct Tile {
    /// `(groups, rows)` groups of unsigned numbers.
    pub left: *const u32,
    /// `(groups, panel)` groups of signed numbers, on a cache line.
    pub right: *const i8,
    /// Where to fetch into the cache while computing, one line for each group.
    pub ahead: *const i8,
    /// Groups that each element sums over.
    pub groups: usize,
    /// Rows of the tile, from 1 to the kernel's.
    pub rows: usize,
    /// Columns of the tile, from 1 to the kernel's panel.
    pub columns: usize,
    /// What turns the sums into numbers.
    pub scales: Scales,
    /// First element of the tile in a row-major result.
    pub out: *mut f32,
    /// Numbers from one row of the result to the next.
    pub stride: usize,
}

/// Scales and zero points of a tile.
#[derive(Clone, Copy)]
pub(crate) struct Scales {
    /// Scale of each row.
    pub rows: *const f32,
    /// Zero point of each row.
    pub zeros: *const i32,
    /// Scale of each column of the panel, padded with zeros.
    pub columns: *const f32,
    /// Sum of each column of the panel, padded with zeros.
    pub sums: *const i32,
}

/// The loops of one instruction set, under the same conditions as [`tile::Kernel`].
pub(crate) struct Kernel {
    /// The kernel whose transposition packs the operands.
    pub base: &'static tile::Kernel,
    /// Rows of the tallest tile.
    pub rows: usize,
    /// Columns of a panel.
    pub panel: usize,
    /// The micro-kernel.
    pub tile: unsafe fn(&Tile),
}

impl std::fmt::Debug for Kernel {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.base.fmt(formatter)
    }
}

impl Kernel {
    /// The kernel of an instruction set, where this processor has it.
    pub fn of(isa: Isa) -> Option<&'static Self> {
        tile::Kernel::of(isa)?;
        match isa {
            Isa::Base => Some(&tile_plain::KERNEL),
            #[cfg(target_arch = "x86_64")]
            Isa::Avx2 => Some(&tile_avx2::KERNEL),
            #[cfg(target_arch = "x86_64")]
            Isa::Avx512 if is_x86_feature_detected!("avx512vnni") => Some(&tile_avx512::KERNEL),
            _ => None,
        }
    }

    /// The kernel of the best set up to the one that [`isa`] names.
    pub fn current() -> &'static Self {
        static KERNEL: OnceLock<&'static Kernel> = OnceLock::new();
        KERNEL.get_or_init(|| {
            [Isa::Avx512, Isa::Avx2]
                .into_iter()
                .filter(|&set| set <= isa())
                .find_map(Self::of)
                .unwrap_or(&tile_plain::KERNEL)
        })
    }
}

/// Whether the kernel in use multiplies integers faster than the others multiply `f32`.
pub(crate) fn has_fast_int8() -> bool {
    Kernel::current().base.isa == Isa::Avx512
}

/// Writes a tile from its sums: `out[r][c] = (sums[r][c] - zeros[r] · sums[c]) · rows[r] ·
/// columns[c]`. Compiled into each kernel, for its instruction set.
///
/// # Safety
/// The pointers must be good for what [`Tile`] says.
#[inline(always)]
pub(super) unsafe fn write<const PANEL: usize>(tile: &Tile, sums: &[[i32; PANEL]]) {
    let scales = tile.scales;
    // SAFETY: both are padded to a panel.
    let (column_scales, column_sums) = unsafe {
        (
            &*scales.columns.cast::<[f32; PANEL]>(),
            &*scales.sums.cast::<[i32; PANEL]>(),
        )
    };
    for (row, sums) in sums.iter().enumerate() {
        // SAFETY: there is a scale and a zero point for each row.
        let (scale, zero) = unsafe { (*scales.rows.add(row), *scales.zeros.add(row)) };
        let mut values = [0f32; PANEL];
        for (column, value) in values.iter_mut().enumerate() {
            let sum = sums[column] - zero * column_sums[column];
            *value = sum as f32 * (scale * column_scales[column]);
        }
        // SAFETY: the caller promises `columns` elements in each row.
        unsafe {
            let out = tile.out.add(row * tile.stride);
            if tile.columns == PANEL {
                *out.cast::<[f32; PANEL]>() = values;
            } else {
                out.copy_from_nonoverlapping(values.as_ptr(), tile.columns);
            }
        }
    }
}
