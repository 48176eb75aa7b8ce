//! The gradient of a loss with respect to named parameters.

use std::collections::BTreeMap;

use candle_core::backprop::GradStore;
use candle_core::{Tensor, Var};

use super::{GradientAccumulator, OptimizerError, sums};

/// Gradients by parameter name, each with the shape of its parameter.
///
/// A parameter that the loss does not depend on is absent, which counts as zero in
/// [`dot`](Self::dot) and [`weighted_sum`](Self::weighted_sum), and as "no update" in a step.
#[derive(Clone, Debug, Default)]
pub struct Gradients(BTreeMap<String, Tensor>);

impl Gradients {
    /// No gradient at all.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes the gradients of the named variables out of what a backward pass left.
    ///
    /// # Errors
    /// If a gradient cannot be made contiguous.
    pub fn take_from(
        store: &mut GradStore,
        variables: &BTreeMap<String, Var>,
    ) -> Result<Self, OptimizerError> {
        let mut gradients = BTreeMap::new();
        for (name, variable) in variables {
            if let Some(gradient) = store.remove(variable) {
                gradients.insert(name.clone(), gradient.contiguous()?);
            }
        }
        Ok(Self(gradients))
    }

    /// Sets the gradient of one parameter and returns the one it had.
    pub fn insert(&mut self, name: impl Into<String>, gradient: Tensor) -> Option<Tensor> {
        self.0.insert(name.into(), gradient)
    }

    /// The gradient of one parameter.
    pub fn get(&self, name: &str) -> Option<&Tensor> {
        self.0.get(name)
    }

    /// Names and gradients, in the order of names.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Tensor)> {
        self.0
            .iter()
            .map(|(name, gradient)| (name.as_str(), gradient))
    }

    /// How many parameters have a gradient.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether no parameter has a gradient.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Splits off the gradients whose name `chosen` accepts: those of the shared encoder, say,
    /// which an aggregator combines, from those of one task's head, which it does not.
    pub fn split_off(&mut self, mut chosen: impl FnMut(&str) -> bool) -> Self {
        let (taken, kept) = std::mem::take(&mut self.0)
            .into_iter()
            .partition(|(name, _)| chosen(name));
        self.0 = kept;
        Self(taken)
    }

    /// The 2-norm over all of them.
    ///
    /// # Errors
    /// If a tensor operation fails.
    pub fn norm(&self) -> Result<f64, OptimizerError> {
        let mut sum = 0.0;
        for gradient in self.0.values() {
            sum += sums::squared_norm(gradient)?;
        }
        Ok(sum.sqrt())
    }

    /// The inner product with another gradient of the same parameters, summed in f64: an entry
    /// of the Gramian of per-task gradients.
    ///
    /// # Errors
    /// If a parameter's two gradients differ in shape.
    pub fn dot(&self, other: &Self) -> Result<f64, OptimizerError> {
        let mut sum = 0.0;
        for (name, gradient) in &self.0 {
            if let Some(theirs) = other.0.get(name) {
                same_shape(name, theirs, gradient)?;
                sum += sums::dot(gradient, theirs)?;
            }
        }
        Ok(sum)
    }

    /// `Σ weight · gradients`, added in the order given.
    ///
    /// # Errors
    /// If a parameter's gradients differ in shape.
    pub fn weighted_sum<'a>(
        terms: impl IntoIterator<Item = (f64, &'a Self)>,
    ) -> Result<Self, OptimizerError> {
        let mut sum = GradientAccumulator::new();
        for (weight, gradients) in terms {
            sum.add(gradients, weight)?;
        }
        Ok(sum.take())
    }
}

impl FromIterator<(String, Tensor)> for Gradients {
    fn from_iter<I: IntoIterator<Item = (String, Tensor)>>(gradients: I) -> Self {
        Self(gradients.into_iter().collect())
    }
}

impl IntoIterator for Gradients {
    type Item = (String, Tensor);
    type IntoIter = std::collections::btree_map::IntoIter<String, Tensor>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

pub(super) fn same_shape(
    name: &str,
    found: &Tensor,
    expected: &Tensor,
) -> Result<(), OptimizerError> {
    if found.shape() == expected.shape() {
        return Ok(());
    }
    Err(OptimizerError::GradientShape {
        name: name.to_owned(),
        found: found.shape().clone(),
        expected: expected.shape().clone(),
    })
}
