//! The matrix products of a [`Stack`](crate::Stack) on their own: to measure them, or for a layer
//! on plain slices.

use crate::precision::Precision;
use crate::product::{
    Operands, Orientation, PackedWeight, peak_operations_per_second, product, product_of_transposed,
};

/// The weight of a linear map, laid out for `x · Wᵀ`.
#[derive(Debug)]
pub struct LinearWeight {
    packed: PackedWeight,
    inputs: usize,
    outputs: usize,
}

impl LinearWeight {
    /// Lays out a weight `(outputs, inputs)`, row-major as published checkpoints store it.
    ///
    /// # Panics
    /// If `weight` has another size, or `int8` would sum over more than 33,000 numbers.
    pub fn new(precision: Precision, weight: &[f32], outputs: usize, inputs: usize) -> Self {
        let mut packed = PackedWeight::default();
        packed.pack(
            precision,
            weight,
            (inputs, outputs),
            Orientation::Transposed,
        );
        Self {
            packed,
            inputs,
            outputs,
        }
    }

    /// `out = x · Wᵀ`: `x (rows, inputs)`, `out (rows, outputs)`, row-major, on all threads of the
    /// pool.
    ///
    /// # Panics
    /// If the sizes do not fit.
    pub fn multiply(&self, x: &[f32], out: &mut [f32]) {
        let rows = x.len() / self.inputs.max(1);
        let sizes = (rows * self.inputs, rows * self.outputs);
        assert_eq!((x.len(), out.len()), sizes, "sizes of a product");
        product(x, self.packed.right(), out, |_, _| {});
    }

    /// `out = dyᵀ · x`, the gradient of a weight: `dy (rows, outputs)`, `x (rows, inputs)`,
    /// `out (outputs, inputs)`; `bf16` rounds both, other precisions neither.
    ///
    /// # Panics
    /// If the sizes do not fit.
    pub fn gradient(
        precision: Precision,
        dy: &[f32],
        x: &[f32],
        sizes: (usize, usize, usize),
        out: &mut [f32],
    ) {
        let operands = Operands {
            left: dy,
            right: x,
            sizes,
            rounded: precision == Precision::Bf16,
        };
        product_of_transposed(operands, false, out);
    }

    /// Floating-point operations a second of one thread on registers alone: what no product can
    /// pass.
    pub fn peak() -> f64 {
        peak_operations_per_second()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_map_and_its_gradient_by_hand() {
        let weight = LinearWeight::new(Precision::F32, &[1.0, 2.0, 3.0, 4.0, 5.0, 6.0], 3, 2);
        let mut out = [0.0; 6];
        weight.multiply(&[1.0, 10.0, 0.5, 0.0], &mut out);
        assert_eq!(out, [21.0, 43.0, 65.0, 0.5, 1.5, 2.5]);
        let mut gradient = [0.0; 2];
        LinearWeight::gradient(
            Precision::F32,
            &[2.0, 3.0],
            &[1.0, 4.0, 10.0, 100.0],
            (2, 1, 2),
            &mut gradient,
        );
        assert_eq!(gradient, [32.0, 308.0]);
    }
}
