//! The element-wise pass of AdamW over parameter, gradient and both moments.
//!
//! Kingma and Ba 2015, algorithm 1; Loshchilov and Hutter 2019, algorithm 2, with the decay
//! multiplied by the learning rate as in PyTorch. Both subtractions are one: at a small `η λ` a
//! product with `1 - η λ` in `f32` would be off by several per cent of the decay.

use crate::isa::vectorized;

/// What the formula multiplies by, once for all elements of a parameter.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AdamWFactors {
    /// What the gradient is multiplied by first.
    pub gradient_scale: f32,
    /// `β₁`.
    pub beta1: f32,
    /// `1 - β₁`.
    pub rest1: f32,
    /// `β₂`.
    pub beta2: f32,
    /// `1 - β₂`.
    pub rest2: f32,
    /// `η λ`.
    pub decay: f32,
    /// `η / (1 - β₁ᵗ)`.
    pub step: f32,
    /// `1 / √(1 - β₂ᵗ)`.
    pub root: f32,
    /// `ε`.
    pub epsilon: f32,
}

/// Moves `parameter` and its moments: `m ← β₁ m + (1 - β₁) g`, `v ← β₂ v + (1 - β₂) g²`,
/// `p ← p - (decay · p + step · m / (√v · root + ε))`. Four slices of one length.
pub fn adamw(
    factors: &AdamWFactors,
    parameter: &mut [f32],
    gradient: &[f32],
    first: &mut [f32],
    second: &mut [f32],
) {
    pass(factors, parameter, gradient, first, second);
}

vectorized! {
    fn pass(
        f: &AdamWFactors,
        parameter: &mut [f32],
        gradient: &[f32],
        first: &mut [f32],
        second: &mut [f32],
    ) {
        let elements = parameter.iter_mut().zip(gradient).zip(first).zip(second);
        for (((p, g), m), v) in elements {
            let g = g * f.gradient_scale;
            *m = *m * f.beta1 + g * f.rest1;
            *v = *v * f.beta2 + g * g * f.rest2;
            *p -= *p * f.decay + *m * f.step / (v.sqrt() * f.root + f.epsilon);
        }
    }
}
