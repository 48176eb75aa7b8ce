//! The way back through a fused stack, into buffers of gradients by name.

use std::sync::Arc;

use candle_core::{DType, Result, Tensor, bail};
use mtnet_kernels::{EmbeddingParts, GradientSlot, StackGradients, Tape};

use super::fused::{Fused, Named, PackedStack};
use super::tensors::{hold, slices};
use crate::{EncoderPass, Slope};

/// A pass whose way back is the stack's.
pub(super) struct FusedPass {
    pub(super) fused: Arc<Fused>,
    pub(super) packed: Arc<PackedStack>,
    pub(super) tape: Tape,
    pub(super) hidden: Tensor,
}

impl std::fmt::Debug for FusedPass {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("FusedPass")
            .field("hidden", &self.hidden)
            .finish_non_exhaustive()
    }
}

impl EncoderPass for FusedPass {
    fn hidden(&self) -> &Tensor {
        &self.hidden
    }

    fn backward(&self, terms: &mut [Slope<'_>]) -> Result<()> {
        if terms.is_empty() {
            return Ok(());
        }
        let slopes: Vec<Tensor> = terms
            .iter()
            .map(|term| {
                if term.slope.shape() != self.hidden.shape() {
                    bail!(
                        "a slope of shape {:?}, expected that of the hidden rows, {:?}",
                        term.slope.dims(),
                        self.hidden.dims()
                    );
                }
                term.slope.to_dtype(DType::F32)?.contiguous()
            })
            .collect::<Result<_>>()?;
        let held = hold(slopes.iter());
        let slopes = slices(&held)?;
        let mut gradients = Vec::with_capacity(terms.len());
        for term in terms.iter_mut() {
            let layout = Arc::clone(term.into.layout());
            let Some(slots) = term.into.slots() else {
                bail!("gradients of parameters on a CPU must lie in main memory");
            };
            let mut slots: Vec<Option<GradientSlot<'_>>> = slots.into_iter().map(Some).collect();
            let mut slot = |named: &Named| slots[layout.position(&named.0)?].take();
            gradients.push(self.fused.gradients(&mut slot));
        }
        self.packed
            .stack
            .backward_many(&self.tape, &slopes, &mut gradients)
    }

    fn slope_at_input(&self, slope: &Tensor) -> Result<Tensor> {
        let slope = slope
            .to_dtype(DType::F32)?
            .flatten_all()?
            .to_vec1::<f32>()?;
        let gradient = self.packed.stack.slope_at_input(&self.tape, &slope)?;
        let width = self.fused.config.embedding_size;
        let shape = (gradient.len() / width, width);
        Tensor::from_vec(gradient, shape, &candle_core::Device::Cpu)
    }
}

impl Fused {
    /// Where the gradient of each parameter goes that has a slot.
    fn gradients<'a>(
        &self,
        slot: &mut impl FnMut(&Named) -> Option<GradientSlot<'a>>,
    ) -> StackGradients<'a> {
        let parts = &self.embeddings;
        let layers = self.layers.iter();
        let layers = layers.map(|layer| {
            layer
                .as_ref()
                .map(|named| slot(named).map(GradientSlot::whole))
        });
        let layers = layers.collect();
        let mut table = |named: &Named| {
            let count = named.1.dims().first().copied().unwrap_or_default();
            slot(named).map(|slot| slot.rows(count))
        };
        let (words, positions) = (table(&parts.words), table(&parts.positions));
        let types = parts.types.as_ref().map(table);
        StackGradients {
            layers,
            embeddings: EmbeddingParts {
                words,
                positions,
                types,
                norm_weight: slot(&parts.norm_weight).map(GradientSlot::whole),
                norm_bias: slot(&parts.norm_bias).map(GradientSlot::whole),
                projection: parts.projection.as_ref().map(|(weight, bias)| {
                    let weight = slot(weight).map(GradientSlot::whole);
                    (weight, slot(bias).map(GradientSlot::whole))
                }),
            },
            at_input: None,
        }
    }
}
