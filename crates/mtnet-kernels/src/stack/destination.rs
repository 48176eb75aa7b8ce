//! Where the gradient of one parameter goes.
//!
//! A buffer of gradients is as large as the encoder, and a step walks through one a task. Clearing
//! it first and adding then would cost two walks more than writing over what an earlier step left.

use rayon::prelude::*;

use crate::linear::add_to;
use crate::product::{Operands, product_of_transposed};

/// Numbers that a backward pass adds to, or writes over the first time.
#[derive(Debug)]
pub struct Destination<'a> {
    values: &'a mut [f32],
    /// Whether what `values` holds does not count.
    fresh: bool,
}

impl<'a> Destination<'a> {
    /// Gradients are added to what `values` holds.
    pub fn adding(values: &'a mut [f32]) -> Self {
        let fresh = false;
        Self { values, fresh }
    }

    /// What `values` holds does not count: the first gradient is written over it, or zeros where
    /// there is none.
    pub fn overwriting(values: &'a mut [f32]) -> Self {
        let fresh = true;
        Self { values, fresh }
    }

    /// How many numbers the parameter has.
    pub(super) fn len(&self) -> usize {
        self.values.len()
    }

    /// Adds as many numbers.
    pub(super) fn add(&mut self, values: &[f32]) {
        const VALUES_PER_TASK: usize = 32 * 1024;
        let fresh = std::mem::take(&mut self.fresh);
        self.values
            .par_chunks_mut(VALUES_PER_TASK)
            .zip(values.par_chunks(VALUES_PER_TASK))
            .for_each(|(to, values)| match fresh {
                true => to.copy_from_slice(values),
                false => add_to(to, values),
            });
    }

    /// Adds the product of transposed rows.
    pub(super) fn add_product(&mut self, operands: Operands<'_>) {
        let fresh = std::mem::take(&mut self.fresh);
        product_of_transposed(operands, !fresh, self.values);
    }
}

/// Where nothing was written, nothing is left of what did not count.
impl Drop for Destination<'_> {
    fn drop(&mut self) {
        if self.fresh {
            self.values.fill(0.0);
        }
    }
}
