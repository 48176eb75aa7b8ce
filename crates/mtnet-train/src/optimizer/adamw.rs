//! Adam with decoupled weight decay.
//!
//! With gradient `g` and update number `t`,
//! `m ← β₁ m + (1 - β₁) g`, `v ← β₂ v + (1 - β₂) g²`,
//! `p ← p - η λ p - η (m / (1 - β₁ᵗ)) / (√(v / (1 - β₂ᵗ)) + ε)`
//! (Kingma and Ba 2015, Algorithm 1; Loshchilov and Hutter 2019, "Decoupled Weight Decay
//! Regularization", Algorithm 2, with the decay multiplied by the learning rate as in PyTorch).
//! Both subtractions are one: at a small `η λ` a product with `1 - η λ` in f32 would be off by
//! several per cent of the decay.

use candle_core::{Result, Tensor};

use super::rule::{Update, UpdateRule};

/// The rule's constants.
#[derive(Clone, Copy, Debug)]
pub(super) struct AdamW {
    pub beta1: f64,
    pub beta2: f64,
    pub epsilon: f64,
}

/// What the formula multiplies by, once for all elements.
struct Factors {
    /// `η λ`.
    decay: f64,
    /// `η / (1 - β₁ᵗ)`.
    step: f64,
    /// `1 / √(1 - β₂ᵗ)`.
    root: f64,
}

impl AdamW {
    fn factors(&self, update: Update) -> Factors {
        let count = update.number as f64;
        Factors {
            decay: update.learning_rate * update.weight_decay,
            step: update.learning_rate / (1.0 - self.beta1.powf(count)),
            root: 1.0 / (1.0 - self.beta2.powf(count)).sqrt(),
        }
    }
}

impl UpdateRule for AdamW {
    fn buffers(&self) -> &'static [&'static str] {
        &["exp_avg", "exp_avg_sq"]
    }

    fn update_slices(
        &self,
        update: Update,
        parameter: &mut [f32],
        gradient: &[f32],
        buffers: &mut [&mut [f32]],
    ) {
        let [first, second] = buffers else {
            unreachable!("AdamW keeps two buffers");
        };
        let factors = self.factors(update);
        let factors = mtnet_kernels::AdamWFactors {
            gradient_scale: update.gradient_scale as f32,
            beta1: self.beta1 as f32,
            rest1: (1.0 - self.beta1) as f32,
            beta2: self.beta2 as f32,
            rest2: (1.0 - self.beta2) as f32,
            decay: factors.decay as f32,
            step: factors.step as f32,
            root: factors.root as f32,
            epsilon: self.epsilon as f32,
        };
        mtnet_kernels::adamw(&factors, parameter, gradient, first, second);
    }

    fn update_untouched(&self, update: Update, parameter: &mut [f32]) -> bool {
        let decay = self.factors(update).decay as f32;
        if decay != 0.0 {
            parameter.iter_mut().for_each(|p| *p -= *p * decay);
        }
        true
    }

    fn update_tensors(
        &self,
        update: Update,
        parameter: &Tensor,
        gradient: &Tensor,
        buffers: &mut [Tensor],
    ) -> Result<Tensor> {
        let [first, second] = buffers else {
            unreachable!("AdamW keeps two buffers");
        };
        let factors = self.factors(update);
        let gradient = (gradient * update.gradient_scale)?;
        *first = ((&*first * self.beta1)? + (&gradient * (1.0 - self.beta1))?)?;
        *second = ((&*second * self.beta2)? + (gradient.sqr()? * (1.0 - self.beta2))?)?;
        let denominator = second.sqrt()?.affine(factors.root, self.epsilon)?;
        let step = ((&*first * factors.step)? / denominator)?;
        parameter - ((parameter * factors.decay)? + step)?
    }
}
