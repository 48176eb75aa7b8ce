//! What a micro-kernel computes, and which one this processor runs.
//!
//! A tile of the result, `out (rows, columns)`, is kept in registers while the sum runs over
//! `inner`: `out[r][c] (+)= Σ_k left[k][r] · right[k][c]`, each element from zero in the order of
//! `k`, and only then added to what `out` holds. `left` is packed as `(inner, rows)` and `right` as a panel `(inner, panel)`, so that
//! both are read in the order in which they lie in memory.
//!
//! After Goto and van de Geijn, Anatomy of High-Performance Matrix Multiplication (ACM TOMS 2008).

use std::sync::OnceLock;

use super::aligned::Plain;
use super::bf16::round_in_pairs;
use super::{strips::Strip, tile_plain};
#[cfg(target_arch = "x86_64")]
use super::{tile_avx2, tile_avx512};
use crate::isa::{Isa, isa};

/// One call of a micro-kernel.
pub(crate) struct Tile<R> {
    /// `(inner, rows)`.
    pub left: *const f32,
    /// `(inner, panel)`, on a cache line; see [`Operand`] for the order within a row.
    pub right: *const R,
    /// What to fetch into the cache while computing.
    pub ahead: Ahead,
    /// Numbers that each element sums over.
    pub inner: usize,
    /// First element of the tile in a row-major result.
    pub out: *mut f32,
    /// Numbers from one row of the result to the next.
    pub stride: usize,
    /// Rows of the tile, from 1 to the kernel's.
    pub rows: usize,
    /// Columns of the tile, from 1 to the kernel's panel.
    pub columns: usize,
    /// Whether to add the sums to what `out` holds.
    pub add: bool,
}

/// Runs the loop that was compiled for the rows of a tile: each keeps as many sums in registers.
macro_rules! by_rows {
    ($tile:expr, $run:ident<$operand:ident>, $($rows:literal)*) => {
        match $tile.rows {
            $($rows => $run::<$operand, $rows>($tile),)*
            rows => unreachable!("a tile of {rows} rows"),
        }
    };
    ($tile:expr, $run:ident, $($rows:literal)*) => {
        match $tile.rows {
            $($rows => $run::<$rows>($tile),)*
            rows => unreachable!("a tile of {rows} rows"),
        }
    };
}
pub(super) use by_rows;

/// Lines of memory that are needed soon: one is fetched with each step of `inner`.
#[derive(Clone, Copy)]
pub(crate) struct Ahead {
    /// In the first line.
    pub start: *const u8,
    /// Bytes from one line to the next.
    pub step: usize,
}

/// A type that the right operand of a product is packed in.
///
/// Half-precision rows lie in pairs: column `c` of the lower half of a panel, then column
/// `c + panel / 2`. A vector of pairs then widens by one shift and one mask.
pub(crate) trait Operand: Plain + std::fmt::Debug {
    /// Whether this is bf16, the upper 16 bits of an `f32`.
    const HALF: bool;

    /// The micro-kernel for this type.
    fn tile(kernel: &Kernel) -> unsafe fn(&Tile<Self>);

    /// Stores rows of a panel in this type and its order.
    fn store(rows: &[f32], panel: usize, packed: &mut [Self]);
}

impl Operand for f32 {
    const HALF: bool = false;

    fn tile(kernel: &Kernel) -> unsafe fn(&Tile<Self>) {
        kernel.tile
    }

    fn store(rows: &[f32], _: usize, packed: &mut [Self]) {
        packed.copy_from_slice(rows);
    }
}

impl Operand for u16 {
    const HALF: bool = true;

    fn tile(kernel: &Kernel) -> unsafe fn(&Tile<Self>) {
        kernel.tile_half
    }

    fn store(rows: &[f32], panel: usize, packed: &mut [Self]) {
        round_in_pairs(rows, panel, packed);
    }
}

/// The loops of one instruction set.
///
/// The functions may only be called on a processor that has the set, and the pointers handed to
/// them must be good for all that they read and write.
pub(crate) struct Kernel {
    /// The set; also what makes a kernel's results comparable by bits.
    pub isa: Isa,
    /// Rows of the tallest tile.
    pub rows: usize,
    /// Columns of a panel.
    pub panel: usize,
    /// The micro-kernel on `f32` panels.
    pub tile: unsafe fn(&Tile<f32>),
    /// The micro-kernel on bf16 panels.
    pub tile_half: unsafe fn(&Tile<u16>),
    /// `destination[c · to + r] = source[r · from + c]` for `rows · columns` numbers, and zeros
    /// for `r` from `rows` up to `lanes` (at most 16).
    pub transpose: unsafe fn(&Transpose),
    /// Copies `count` rows, `stride` apart, cut into strips: row `k` of a strip goes to
    /// `destination + strip.offset + k · strip.lanes`.
    pub cut: unsafe fn(*const f32, usize, usize, &[Strip], *mut f32),
}

/// One call of [`Kernel::transpose`], on numbers of 32 bits.
pub(crate) struct Transpose {
    pub source: *const u32,
    pub from: usize,
    pub rows: usize,
    pub columns: usize,
    pub destination: *mut u32,
    pub to: usize,
    pub lanes: usize,
}

impl std::fmt::Debug for Kernel {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(self.isa.as_str())
    }
}

impl Kernel {
    /// The kernel of an instruction set, where this processor has it.
    pub fn of(isa: Isa) -> Option<&'static Self> {
        match isa {
            Isa::Base => Some(&tile_plain::KERNEL),
            #[cfg(target_arch = "x86_64")]
            Isa::Avx2 if is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma") => {
                Some(&tile_avx2::KERNEL)
            }
            #[cfg(target_arch = "x86_64")]
            Isa::Avx512
                if is_x86_feature_detected!("avx512f")
                    && is_x86_feature_detected!("avx512bw")
                    && is_x86_feature_detected!("avx512dq")
                    && is_x86_feature_detected!("avx512vl") =>
            {
                Some(&tile_avx512::KERNEL)
            }
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
