//! A weight laid out for its products in one of the precisions.

use super::forward::Right;
use super::int8::PackedInt8;
use super::packed::{Orientation, Packed, PackedBf16};
use crate::precision::Precision;

/// A right operand in the precision that it was last packed in.
#[derive(Debug)]
pub(crate) enum PackedWeight {
    F32(Packed),
    Bf16(PackedBf16),
    Int8(PackedInt8),
}

impl Default for PackedWeight {
    fn default() -> Self {
        Self::F32(Packed::default())
    }
}

impl PackedWeight {
    /// Lays out a weight of `inner · columns` numbers, in the memory of what was packed before
    /// where that had the same precision.
    pub fn pack(
        &mut self,
        precision: Precision,
        weight: &[f32],
        (inner, columns): (usize, usize),
        orientation: Orientation,
    ) {
        match (precision, &mut *self) {
            (Precision::F32, Self::F32(packed)) => packed.pack(weight, inner, columns, orientation),
            (Precision::Bf16, Self::Bf16(packed)) => {
                packed.pack(weight, inner, columns, orientation);
            }
            (Precision::Int8, Self::Int8(packed)) => {
                packed.pack(weight, inner, columns, orientation);
            }
            _ => {
                *self = match precision {
                    Precision::F32 => Self::F32(Packed::default()),
                    Precision::Bf16 => Self::Bf16(PackedBf16::default()),
                    Precision::Int8 => Self::Int8(PackedInt8::default()),
                };
                self.pack(precision, weight, (inner, columns), orientation);
            }
        }
    }

    /// The operand of a product.
    pub fn right(&self) -> &dyn Right {
        match self {
            Self::F32(packed) => packed,
            Self::Bf16(packed) => packed,
            Self::Int8(packed) => packed,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::product::product;

    #[test]
    fn a_weight_changes_its_precision_and_back() {
        let (inner, columns) = (20, 7);
        let numbers =
            |count: usize| -> Vec<f32> { (0..count).map(|i| (i as f32 * 0.7).sin()).collect() };
        let (left, weight) = (numbers(3 * inner), numbers(inner * columns));
        let mut packed = PackedWeight::default();
        let mut results = Vec::new();
        for precision in [
            Precision::F32,
            Precision::Int8,
            Precision::Bf16,
            Precision::F32,
        ] {
            packed.pack(precision, &weight, (inner, columns), Orientation::Plain);
            let mut out = vec![f32::NAN; 3 * columns];
            product(&left, packed.right(), &mut out, |_, _| {});
            results.push(out);
        }
        let apart = |a: &[f32], b: &[f32]| {
            let apart = a.iter().zip(b).map(|(a, b)| (a - b).abs());
            apart.fold(0.0, f32::max)
        };
        assert_eq!(results[0], results[3]);
        for rounded in &results[1..3] {
            let apart = apart(&results[0], rounded);
            assert!(apart > 0.0 && apart < 0.1, "apart by {apart}");
        }
    }
}
