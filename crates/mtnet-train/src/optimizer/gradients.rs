//! The gradient of a loss with respect to named parameters.

use std::collections::BTreeMap;

use candle_core::backprop::GradStore;
use candle_core::{Tensor, Var};
use mtnet_kernels::{GradientBuffer, GradientView};

use super::OptimizerError;

/// Where a step finds the gradient of each parameter.
///
/// A parameter that the loss does not depend on has none, which means "no update".
pub trait GradientSource {
    /// The gradient of the parameter of that name.
    fn gradient(&self, name: &str) -> Option<GradientView<'_>>;
}

impl GradientSource for GradientBuffer {
    fn gradient(&self, name: &str) -> Option<GradientView<'_>> {
        self.view(self.layout().position(name)?)
    }
}

/// The first source that has a gradient of a name gives it.
impl<S: GradientSource + ?Sized> GradientSource for [&S] {
    fn gradient(&self, name: &str) -> Option<GradientView<'_>> {
        self.iter().find_map(|source| source.gradient(name))
    }
}

/// Gradients as tensors by parameter name, each with the shape of its parameter.
#[derive(Clone, Debug, Default)]
pub struct Gradients(BTreeMap<String, Tensor>);

impl Gradients {
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
}

impl GradientSource for Gradients {
    fn gradient(&self, name: &str) -> Option<GradientView<'_>> {
        self.0.get(name).map(GradientView::Device)
    }
}

impl FromIterator<(String, Tensor)> for Gradients {
    fn from_iter<I: IntoIterator<Item = (String, Tensor)>>(gradients: I) -> Self {
        Self(gradients.into_iter().collect())
    }
}
