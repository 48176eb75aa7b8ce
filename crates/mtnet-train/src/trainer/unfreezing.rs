//! Layers that begin to learn one after the other, from the top (Howard and Ruder 2018, "Universal
//! Language Model Fine-tuning for Text Classification", §3.3, with steps in place of epochs).
//!
//! A parameter that waits is handed no gradient, so the optimizer leaves it and its moments alone.

use std::collections::BTreeMap;

use candle_core::Var;
use mtnet_encoders::Encoder;
use mtnet_kernels::{GradientBuffer, GradientView};

use crate::optimizer::GradientSource;

/// From which step on each parameter learns; absent for those that learn from the first.
#[derive(Clone, Debug, Default)]
pub(super) struct Unfreezing(BTreeMap<String, u64>);

impl Unfreezing {
    /// The top layer joins after `every` steps, the one below it after twice as many.
    pub fn new(
        every: Option<u64>,
        encoder: &dyn Encoder,
        variables: &BTreeMap<String, Var>,
    ) -> Self {
        let Some(every) = every else {
            return Self::default();
        };
        let layers = encoder.layers();
        let starts = variables.keys().filter_map(|name| {
            let layer = encoder.layer_of(name)?;
            let before = layers.saturating_sub(layer) as u64 + 1;
            Some((name.clone(), before * every))
        });
        Self(starts.collect())
    }

    /// Whether a parameter does not learn yet after `step` steps.
    pub fn waits(&self, name: &str, step: u64) -> bool {
        self.0.get(name).is_some_and(|&start| step < start)
    }
}

/// The gradients of the parameters that learn after so many steps.
pub(super) struct Learning<'a> {
    pub gradients: [&'a GradientBuffer; 2],
    pub unfreezing: &'a Unfreezing,
    pub step: u64,
}

impl GradientSource for Learning<'_> {
    fn gradient(&self, name: &str) -> Option<GradientView<'_>> {
        if self.unfreezing.waits(name, self.step) {
            return None;
        }
        let mut sources = self.gradients.iter();
        sources.find_map(|source| source.gradient(name))
    }
}
