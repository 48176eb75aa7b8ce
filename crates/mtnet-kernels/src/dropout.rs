//! Seeded dropout: `y = x · mask / (1 - p)` (Srivastava et al. 2014, JMLR 15).
//!
//! The mask of element `i` is a function of the stream's key and `i`, so backward draws it again
//! instead of storing it, and it does not depend on threads or on what ran before. A draw is a
//! 32-bit hash of `i` in two rounds of exclusive-or, shift and multiply (the shape of MurmurHash3's
//! finaliser, Appleby 2011; constants of Wellons 2018, "Prospecting for Hash Functions"), each
//! round under 32 bits of key that the stream's generator makes: a full block of that generator for
//! each element would cost more than the product whose result it thins. The mask repeats after
//! 2³² elements.

use candle_core::{CpuStorage, CustomOp1, Layout, Result, Shape, Tensor};
use mtnet_core::RandomStream;
use rayon::prelude::*;

use crate::isa::vectorized;
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

    /// The mask that this draws, `None` if elements pass unchanged.
    pub(crate) fn mask(&self) -> Option<Mask> {
        self.stream.map(|stream| {
            let [first, second, ..] = stream.block(0);
            Mask {
                keys: [first, second],
                threshold: (f64::from(self.probability) * 4_294_967_296.0).round() as u32,
                scale: 1.0 / (1.0 - self.probability),
            }
        })
    }

    /// Multiplies `values`, which begin at element `start` of the whole, by their masks.
    pub(crate) fn apply(&self, start: usize, values: &mut [f32]) {
        if let Some(mask) = self.mask() {
            mask.apply(start, values);
        }
    }
}

/// What a [`Dropout`] multiplies by.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Mask {
    keys: [u32; 2],
    threshold: u32,
    scale: f32,
}

impl Mask {
    /// Multiplies `values`, which begin at element `start` of the whole, by their masks.
    pub(crate) fn apply(self, start: usize, values: &mut [f32]) {
        multiply(self, start as u32, values);
    }

    #[inline(always)]
    fn draw(self, element: u32) -> u32 {
        let x = element ^ self.keys[0];
        let x = (x ^ (x >> 16)).wrapping_mul(0x7feb_352d);
        let x = (x ^ (x >> 15) ^ self.keys[1]).wrapping_mul(0x846c_a68b);
        x ^ (x >> 16)
    }
}

vectorized! {
    fn multiply(mask: Mask, start: u32, values: &mut [f32]) {
        for (index, value) in values.iter_mut().enumerate() {
            let draw = mask.draw(start.wrapping_add(index as u32));
            *value *= if draw >= mask.threshold { mask.scale } else { 0.0 };
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
        x.contiguous()?.apply_op1(Dropping(*dropout))
    } else {
        plain::dropout(x, dropout)
    }
}

const VALUES_PER_TASK: usize = 16 * 1024;

struct Dropping(Dropout);

impl CustomOp1 for Dropping {
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

#[cfg(test)]
mod tests {
    use super::*;

    const COUNT: usize = 1 << 16;

    /// 1 where an element of the stream is dropped.
    fn dropped(probability: f64, stream: RandomStream) -> Vec<f64> {
        let mut values = vec![1f32; COUNT];
        Dropout::new(probability, stream).apply(0, &mut values);
        values
            .iter()
            .map(|&x| if x == 0.0 { 1.0 } else { 0.0 })
            .collect()
    }

    /// Correlation of two masks, whose standard error is `1 / sqrt(COUNT) = 0.004`.
    fn correlation(a: &[f64], b: &[f64]) -> f64 {
        let mean = |x: &[f64]| x.iter().sum::<f64>() / x.len() as f64;
        let (mean_a, mean_b) = (mean(a), mean(b));
        let product = |x: &[f64], mean_x: f64, y: &[f64], mean_y: f64| -> f64 {
            x.iter()
                .zip(y)
                .map(|(x, y)| (x - mean_x) * (y - mean_y))
                .sum()
        };
        product(a, mean_a, b, mean_b)
            / (product(a, mean_a, a, mean_a) * product(b, mean_b, b, mean_b)).sqrt()
    }

    #[test]
    fn elements_are_dropped_as_often_as_asked_in_every_part() {
        for (probability, seed) in [(0.1, 1), (0.5, 2), (0.9, 3), (0.001, 4)] {
            let mask = dropped(probability, RandomStream::new(seed));
            for parts in [1, 16, 64] {
                let size = COUNT / parts;
                let spread = (probability * (1.0 - probability) / size as f64).sqrt();
                for part in mask.chunks(size) {
                    let mean = part.iter().sum::<f64>() / size as f64;
                    assert!(
                        (mean - probability).abs() < 5.0 * spread,
                        "{mean} for {probability}"
                    );
                }
            }
        }
    }

    #[test]
    fn neighbours_and_streams_are_independent() {
        let stream = RandomStream::new(9).child("hidden");
        let mask = dropped(0.3, stream);
        for distance in [1, 2, 3, 15, 16, 17, 32, 64, 128, 384, 1024] {
            let apart = correlation(&mask[distance..], &mask[..COUNT - distance]);
            assert!(apart.abs() < 0.02, "{apart} at a distance of {distance}");
            let swapped: Vec<f64> = (0..COUNT).map(|i| mask[(i ^ distance) % COUNT]).collect();
            // Each pair counts twice, hence the wider bound.
            let apart = correlation(&mask, &swapped);
            assert!(apart.abs() < 0.03, "{apart} across a bit of {distance}");
        }
        for index in 0..50 {
            for other in [stream.at(index), RandomStream::new(index).child("hidden")] {
                let apart = correlation(&mask, &dropped(0.3, other));
                assert!(
                    apart.abs() < 0.02 || other == stream,
                    "{apart}, stream {index}"
                );
            }
        }
    }

    #[test]
    fn a_part_draws_what_the_whole_draws() {
        let mask = Dropout::new(0.4, RandomStream::new(2)).mask().unwrap();
        let mut whole = vec![1f32; 1000];
        mask.apply(0, &mut whole);
        for start in [1, 16, 333] {
            let mut part = vec![1f32; 1000 - start];
            mask.apply(start, &mut part);
            assert_eq!(part, whole[start..]);
        }
    }
}
