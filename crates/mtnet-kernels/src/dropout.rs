//! Seeded dropout: `y = x · mask / (1 - p)` (Srivastava et al. 2014, JMLR 15).
//!
//! The mask of element `i` is a function of the stream's key and `i`, so backward draws it again
//! instead of storing it, and it does not depend on threads or on what ran before. It takes 16 of
//! the 128 bits of a Philox block: a probability is met to 1 in 65,536.

use candle_core::{CpuStorage, CustomOp1, Layout, Result, Shape, Tensor};
use mtnet_core::RandomStream;
use rayon::prelude::*;

use crate::plain;
use crate::storage::{floats, fused};

/// Whether, how often and by which stream elements are dropped.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Dropout {
    probability: f32,
    stream: Option<RandomStream>,
}

impl Dropout {
    /// Drops nothing.
    pub fn none() -> Self {
        Self {
            probability: 0.0,
            stream: None,
        }
    }

    /// Drops each element with `probability`, held to `[0, 0.99]`.
    pub fn new(probability: f64, stream: RandomStream) -> Self {
        let probability = probability.clamp(0.0, 0.99) as f32;
        Self {
            probability,
            stream: (probability > 0.0).then_some(stream),
        }
    }

    /// Whether elements pass unchanged.
    pub fn is_none(&self) -> bool {
        self.stream.is_none()
    }

    /// The same dropout for the part of that number: its draws differ.
    #[must_use]
    pub(crate) fn at(&self, index: usize) -> Self {
        Self {
            stream: self.stream.map(|stream| stream.at(index as u64)),
            ..*self
        }
    }

    /// Multiplies `values`, which begin at element `start` (a multiple of 8) of the whole, by
    /// their masks.
    pub(crate) fn apply(&self, start: usize, values: &mut [f32]) {
        let Some(stream) = self.stream else { return };
        debug_assert_eq!(start % 8, 0);
        let threshold = (self.probability * 65_536.0).round() as u32;
        let scale = 1.0 / (1.0 - self.probability);
        for (block, values) in values.chunks_mut(8).enumerate() {
            let bits = stream.block((start / 8 + block) as u64);
            for (index, value) in values.iter_mut().enumerate() {
                let draw = bits[index / 2] >> (16 * (index % 2)) & 0xffff;
                *value *= if draw >= threshold { scale } else { 0.0 };
            }
        }
    }
}

/// Drops elements of `x`, of any shape, and scales the others up to keep the mean.
///
/// # Errors
/// If the device fails.
pub fn dropout(x: &Tensor, dropout: &Dropout) -> Result<Tensor> {
    if dropout.is_none() {
        Ok(x.clone())
    } else if fused(x) {
        x.contiguous()?.apply_op1(Mask(*dropout))
    } else {
        plain::dropout(x, dropout)
    }
}

const VALUES_PER_TASK: usize = 16 * 1024;

struct Mask(Dropout);

impl CustomOp1 for Mask {
    fn name(&self) -> &'static str {
        "dropout"
    }

    fn cpu_fwd(&self, x: &CpuStorage, layout: &Layout) -> Result<(CpuStorage, Shape)> {
        let mut y = floats("dropout", x, layout)?.to_vec();
        y.par_chunks_mut(VALUES_PER_TASK)
            .enumerate()
            .for_each(|(part, values)| self.0.apply(part * VALUES_PER_TASK, values));
        Ok((CpuStorage::F32(y), layout.shape().clone()))
    }

    fn bwd(&self, _: &Tensor, _: &Tensor, dy: &Tensor) -> Result<Option<Tensor>> {
        Ok(Some(dy.contiguous()?.apply_op1_no_bwd(self)?))
    }
}
