//! Rows of activations, quantised as they come: `x ≈ scale · (q - zero)` with `q` in 0..=255.
//!
//! The range of a row is stretched to hold 0, which then has a value of its own: what a
//! rectifier or dropout made zero stays exactly zero.

use super::GROUP;
use super::tile::Kernel;
use crate::isa::vectorized;
use crate::product::aligned::Aligned;
use crate::product::strips::even_parts;
use crate::product::tile::Transpose;

/// Quantised rows in the order of a kernel's tiles.
#[derive(Default)]
pub(super) struct Left {
    /// Tiles of `even_parts`, each `(groups, tile rows)`, one after the other.
    pub groups: Aligned<u32>,
    /// Scale of each row.
    pub scales: Vec<f32>,
    /// Zero point of each row.
    pub zeros: Vec<i32>,
    /// One tile before it is packed, `(tile rows, groups)`.
    tile: Aligned<u32>,
}

impl Left {
    /// Quantises rows of `inner` numbers, in the memory of what was quantised before.
    pub fn quantise(&mut self, kernel: &Kernel, rows: &[f32], inner: usize) {
        let count = rows.len() / inner;
        let groups = inner.div_ceil(GROUP);
        self.groups.resize(count * groups);
        self.scales.resize(count, 0.0);
        self.zeros.resize(count, 0);
        for (start, height) in even_parts(count, kernel.rows) {
            self.tile.resize(height * groups);
            for row in 0..height {
                let values = &rows[(start + row) * inner..][..inner];
                let quantised = bytes(&mut self.tile[row * groups..][..groups]);
                let (scale, zero) = quantise_row(values, quantised);
                self.scales[start + row] = scale;
                self.zeros[start + row] = zero;
            }
            let packed = &mut self.groups[start * groups..][..height * groups];
            // SAFETY: `tile` holds `height` rows of `groups` groups, and `packed` as many groups.
            // The kernel is one that this processor has.
            unsafe {
                (kernel.base.transpose)(&Transpose {
                    source: self.tile.as_ptr(),
                    from: groups,
                    rows: height,
                    columns: groups,
                    destination: packed.as_mut_ptr(),
                    to: height,
                    lanes: height,
                });
            }
        }
    }
}

fn bytes(groups: &mut [u32]) -> &mut [u8] {
    let length = size_of_val(groups);
    // SAFETY: the same memory, and every byte is a number of 8 bits.
    unsafe { std::slice::from_raw_parts_mut(groups.as_mut_ptr().cast(), length) }
}

vectorized! {
    /// Writes a row in 8 bits, zeros past its end, and tells its scale and zero point. A row with
    /// a number that is not finite gets a scale that is not a number.
    fn quantise_row(values: &[f32], quantised: &mut [u8]) -> (f32, i32) {
        let (least, most) = range(values);
        let span = most - least;
        let scale = if span.is_finite() { span / 255.0 } else { f32::NAN };
        let inverse = if scale > 0.0 { scale.recip() } else { 0.0 };
        let zero = round_byte(-least * inverse);
        let (rounded, padding) = quantised.split_at_mut(values.len());
        for (rounded, &value) in rounded.iter_mut().zip(values) {
            *rounded = round_byte(value * inverse + f32::from(zero));
        }
        padding.fill(0);
        (scale, i32::from(zero))
    }
}

/// The nearest whole number, ties to the even one, within 0..=255.
#[inline(always)]
fn round_byte(value: f32) -> u8 {
    let value = lesser(greater(value, 0.0), 255.0);
    // Adding 1.5 · 2^23 leaves the whole number in the lowest bits.
    (value + 12_582_912.0).to_bits() as u8
}

/// The least and the greatest number of a row and 0; one that is not finite is the greatest or
/// the least of all.
#[inline(always)]
fn range(values: &[f32]) -> (f32, f32) {
    // Whole numbers may be compared in any order, so that these loops become vectors.
    let (mut least, mut most) = (0, 0);
    for &value in values {
        let place = swap_negative(value.to_bits().cast_signed());
        least = place.min(least);
        most = place.max(most);
    }
    let number = |place: i32| f32::from_bits(swap_negative(place).cast_unsigned());
    (number(least), number(most))
}

/// Turns the bits of numbers into whole numbers of the same order, and back.
#[inline(always)]
fn swap_negative(bits: i32) -> i32 {
    bits ^ ((bits >> 31) & i32::MAX)
}

/// The lesser of two numbers, the second where one is not a number: a single instruction.
#[inline(always)]
fn lesser(a: f32, b: f32) -> f32 {
    if a < b { a } else { b }
}

/// The greater of two numbers, likewise.
#[inline(always)]
fn greater(a: f32, b: f32) -> f32 {
    if a > b { a } else { b }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(values: &[f32]) {
        let mut quantised = vec![9; values.len().next_multiple_of(GROUP)];
        let (scale, zero) = quantise_row(values, &mut quantised);
        for (&value, &byte) in values.iter().zip(&quantised) {
            let read = scale * (i32::from(byte) - zero) as f32;
            // Half a step for the number and half for the zero point.
            let error = (value - read).abs();
            assert!(
                error <= scale * 1.001,
                "{value} reads {read} in steps of {scale}"
            );
            assert!(value != 0.0 || read == 0.0);
        }
        assert!(quantised[values.len()..].iter().all(|&byte| byte == 0));
    }

    #[test]
    fn rows_read_within_a_step() {
        check(&[0.0; 5]);
        check(&[1.0, 2.0, 3.0]);
        check(&[-5.0, -1.0, -0.25, -3.0]);
        check(&[0.0, 1e-20, -3e-20]);
        check(&[-1e30, 0.0, 1e30, 5.0]);
        let many: Vec<f32> = (0..100).map(|i| (i as f32 * 0.37).sin() + 0.3).collect();
        check(&many);
    }

    #[test]
    fn what_is_no_number_shows() {
        for value in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
            let (scale, _) = quantise_row(&[1.0, value, 2.0], &mut [0; 4]);
            assert!(scale.is_nan());
        }
    }
}
