//! The sum of gradients over micro-batches, or over tasks.

use std::collections::BTreeMap;

use candle_core::backprop::GradStore;
use candle_core::{Tensor, Var};
use rayon::prelude::*;

use super::gradients::same_shape;
use super::slices::{CHUNK, is_slice, update_slice};
use super::{Gradients, OptimizerError};

/// Adds scaled gradients by name, in the order of the calls, into buffers of its own.
///
/// One step over several micro-batches adds each with the scale of its share, and
/// [`take`](Self::take)s the sum. A parameter that none of them reached stays absent.
///
/// On a CPU the addition is one parallel pass over f32 buffers; elsewhere it is candle's.
#[derive(Debug, Default)]
pub struct GradientAccumulator(BTreeMap<String, Tensor>);

impl GradientAccumulator {
    /// An empty sum.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds `scale · gradients`.
    ///
    /// # Errors
    /// If a gradient has another shape than those that came before it under its name.
    pub fn add(&mut self, gradients: &Gradients, scale: f64) -> Result<(), OptimizerError> {
        gradients
            .iter()
            .try_for_each(|(name, gradient)| self.add_one(name, gradient, scale))
    }

    /// Adds `scale ·` what a backward pass left for the named variables, and takes it out of
    /// the store, so that its memory is free again.
    ///
    /// # Errors
    /// As [`add`](Self::add).
    pub fn add_from(
        &mut self,
        store: &mut GradStore,
        variables: &BTreeMap<String, Var>,
        scale: f64,
    ) -> Result<(), OptimizerError> {
        for (name, variable) in variables {
            if let Some(gradient) = store.remove(variable) {
                self.add_one(name, &gradient.contiguous()?, scale)?;
            }
        }
        Ok(())
    }

    /// Whether nothing was added since the last [`take`](Self::take).
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The sum so far; the next one starts empty.
    pub fn take(&mut self) -> Gradients {
        std::mem::take(&mut self.0).into_iter().collect()
    }

    fn add_one(&mut self, name: &str, gradient: &Tensor, scale: f64) -> Result<(), OptimizerError> {
        // A buffer of our own even for the first term: gradients of different parameters may
        // share their storage, and a sum in place must not reach the others.
        let Some(sum) = self.0.get_mut(name) else {
            let first = gradient.affine(scale, 0.0)?;
            self.0.insert(name.to_owned(), first);
            return Ok(());
        };
        same_shape(name, gradient, sum)?;
        if is_slice(sum) && is_slice(gradient) {
            let scale = scale as f32;
            update_slice(sum, gradient, |sum, gradient| {
                sum.par_chunks_mut(CHUNK)
                    .zip(gradient.par_chunks(CHUNK))
                    .for_each(|(sum, gradient)| {
                        for (sum, gradient) in sum.iter_mut().zip(gradient) {
                            *sum += scale * gradient;
                        }
                    });
            })?;
        } else {
            *sum = (&*sum + gradient.affine(scale, 0.0)?)?;
        }
        Ok(())
    }
}
