//! Rounding to bf16, the upper half of an `f32`: 8 bits of exponent and 7 of fraction.

use crate::isa::vectorized;

/// The nearest bf16, ties to the even one; a number that is not stays one.
#[inline(always)]
pub(super) fn round(value: f32) -> u16 {
    let bits = value.to_bits();
    let nearest = bits.wrapping_add(0x7fff + ((bits >> 16) & 1));
    // A NaN whose payload lies in the lower half would carry over into an infinity.
    let rounded = if value.is_nan() {
        bits | 0x40_0000
    } else {
        nearest
    };
    (rounded >> 16) as u16
}

/// What a bf16 stands for.
#[inline(always)]
pub(super) fn widen(half: u16) -> f32 {
    f32::from_bits(u32::from(half) << 16)
}

vectorized! {
    /// Rounds numbers to bf16 where they stand.
    pub(super) fn round_in_place(values: &mut [f32]) {
        for value in values {
            *value = widen(round(*value));
        }
    }
}

vectorized! {
    /// Rounds rows of a panel and lays each out in pairs: column `c`, then `c + panel / 2`.
    pub(super) fn round_in_pairs(rows: &[f32], panel: usize, pairs: &mut [u16]) {
        for (row, pairs) in rows.chunks_exact(panel).zip(pairs.chunks_exact_mut(panel)) {
            let (lower, upper) = row.split_at(panel / 2);
            for ((pair, &lower), &upper) in pairs.chunks_exact_mut(2).zip(lower).zip(upper) {
                pair[0] = round(lower);
                pair[1] = round(upper);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rounding_is_to_nearest_even() {
        let cases = [
            (0x3f80_0000, 0x3f80), // 1
            (0x3f80_8000, 0x3f80), // halfway, down to even
            (0x3f81_8000, 0x3f82), // halfway, up to even
            (0x3f80_8001, 0x3f81),
            (0xbf80_7fff, 0xbf80),
            (0x7f7f_ffff, 0x7f80), // the largest number, to infinity
            (0x7f80_0000, 0x7f80),
            (0x0000_0000, 0x0000),
        ];
        for (bits, expected) in cases {
            assert_eq!(round(f32::from_bits(bits)), expected, "{bits:#x}");
        }
        assert!(widen(round(f32::from_bits(0x7f80_0001))).is_nan());
        assert!(widen(round(f32::NAN)).is_nan());
    }

    #[test]
    fn pairs_come_from_both_halves() {
        let rows: Vec<f32> = (0..16).map(|value| value as f32).collect();
        let mut pairs = vec![0; 16];
        round_in_pairs(&rows, 8, &mut pairs);
        let read: Vec<f32> = pairs.into_iter().map(widen).collect();
        let expected = [
            0., 4., 1., 5., 2., 6., 3., 7., 8., 12., 9., 13., 10., 14., 11., 15.,
        ];
        assert_eq!(read, expected);
    }
}
