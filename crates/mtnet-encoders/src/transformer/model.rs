//! The transformer: embeddings, then layers.

use std::fmt;
use std::sync::Arc;

use candle_core::{Result, Tensor};
use candle_nn::VarBuilder;
use mtnet_kernels::{Mode, Precision, Wanted};

use super::TransformerSpec;
use super::embeddings::Embeddings;
use super::fused::Fused;
use super::layer::Layer;
use crate::pass::GraphPass;
use crate::{Encoder, EncoderInput, EncoderPass, PrecisionError};

/// A transformer encoder.
pub struct Transformer {
    spec: TransformerSpec,
    embeddings: Embeddings,
    layers: Vec<Layer>,
    /// The same parameters in one fused stack, where there is one for their device.
    fused: Option<Arc<Fused>>,
    precision: Precision,
}

impl Transformer {
    /// Makes the parameters under `vb`, by their published names, or reads them where `vb` is a
    /// checkpoint.
    ///
    /// # Errors
    /// If the checkpoint lacks one of them or holds it in another shape.
    pub fn new(spec: &TransformerSpec, vb: VarBuilder) -> Result<Self> {
        let names = &spec.family.names;
        let below = match vb.prefix() {
            prefix if prefix.is_empty() => prefix,
            prefix => format!("{prefix}."),
        };
        let embeddings = Embeddings::new(spec, &vb)?;
        let all = vb.pp(names.layers);
        let layers: Vec<Layer> = (0..spec.num_layers)
            .map(|index| Layer::new(spec, &all.pp(index)))
            .collect::<Result<_>>()?;
        let parts = layers.iter().enumerate().map(|(index, layer)| {
            layer.parameters(names, &format!("{below}{}.{index}.", names.layers))
        });
        let fused = Fused::new(spec, parts.collect(), embeddings.parameters(&below));
        Ok(Self {
            spec: spec.clone(),
            embeddings,
            layers,
            fused: fused.map(Arc::new),
            precision: Precision::F32,
        })
    }

    /// The embeddings and the output of every layer, `layers + 1` tensors `(tokens, hidden)`.
    ///
    /// # Errors
    /// As [`Encoder::forward`].
    pub fn hidden_states(&self, input: &EncoderInput, mode: &Mode) -> Result<Vec<Tensor>> {
        let mut states = Vec::with_capacity(self.layers.len() + 1);
        self.run(input, mode, |state| states.push(state.clone()))?;
        Ok(states)
    }

    /// What it was built from.
    pub fn spec(&self) -> &TransformerSpec {
        &self.spec
    }

    fn run(
        &self,
        input: &EncoderInput,
        mode: &Mode,
        mut each: impl FnMut(&Tensor),
    ) -> Result<Tensor> {
        input.check_length(self.spec.max_length())?;
        let mut x = self.embeddings.forward(input, &mode.child("embeddings"))?;
        each(&x);
        let mode = mode.child("layers");
        for (index, layer) in self.layers.iter().enumerate() {
            let mode = mode.at(index as u64);
            if !mode.leaves_out(self.spec.layer_drop) {
                x = layer.forward(&x, &input.offsets, &mode)?;
            }
            each(&x);
        }
        Ok(x)
    }
}

impl Encoder for Transformer {
    fn forward(&self, input: &EncoderInput, mode: &Mode) -> Result<Tensor> {
        self.run(input, mode, |_| {})
    }

    fn leaves_out_sequences(&self) -> bool {
        self.fused.is_some()
    }

    fn pass(&self, input: &EncoderInput, mode: &Mode) -> Result<Box<dyn EncoderPass>> {
        input.check_length(self.spec.max_length())?;
        match &self.fused {
            Some(fused) => Ok(Box::new(fused.pass(input, self.precision, mode)?)),
            None => {
                let graph = self.forward(input, mode)?;
                Ok(Box::new(GraphPass::new(graph, input.shift.clone())))
            }
        }
    }

    fn encode(&self, input: &EncoderInput, wanted: Wanted<'_>) -> Result<Tensor> {
        input.check_length(self.spec.max_length())?;
        match &self.fused {
            Some(fused) => fused.encode(input, self.precision, wanted),
            None => Ok(self.forward(input, &Mode::Eval)?.detach()),
        }
    }

    fn precision(&self) -> Precision {
        self.precision
    }

    fn set_precision(&mut self, precision: Precision) -> std::result::Result<(), PrecisionError> {
        if self.fused.is_none() && precision != Precision::F32 {
            return Err(PrecisionError { precision });
        }
        self.precision = precision;
        Ok(())
    }

    fn weights_changed(&self) {
        if let Some(fused) = &self.fused {
            fused.weights_changed();
        }
    }

    fn hidden_size(&self) -> usize {
        self.spec.hidden_size
    }

    fn embedding_size(&self) -> usize {
        self.spec.embedding_size
    }

    fn max_length(&self) -> usize {
        self.spec.max_length()
    }

    fn layers(&self) -> usize {
        self.layers.len()
    }

    fn layer_of(&self, parameter_name: &str) -> Option<usize> {
        self.spec.layer_of(parameter_name)
    }

    fn config_json(&self) -> serde_json::Value {
        self.spec.config_json()
    }
}

impl fmt::Debug for Transformer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Transformer")
            .field("spec", &self.spec)
            .finish_non_exhaustive()
    }
}
