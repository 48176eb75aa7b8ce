//! Products in 8-bit integers, for inference: each weight column has a scale of its own, and each
//! row of activations a scale and a zero point found when it comes.
//!
//! `x ≈ s (q - z)` with `q` in 0..=255 and `w ≈ t p` with `p` in -127..=127, so that
//! `Σ x w ≈ s t (Σ q p - z Σ p)`, whose sums are exact integers (Jacob et al. 2018, §2.2 and §2.3,
//! <https://arxiv.org/abs/1712.05877>). Every instruction set gives the same bits.

mod left;
mod packed;
mod product;
mod tile;
#[cfg(target_arch = "x86_64")]
mod tile_avx2;
#[cfg(target_arch = "x86_64")]
mod tile_avx512;
mod tile_plain;

#[cfg(test)]
mod tests;

pub(crate) use packed::{LONGEST, PackedInt8};
pub(crate) use tile::has_fast_int8;

/// Numbers that one 32-bit lane multiplies and sums at once.
const GROUP: usize = 4;
