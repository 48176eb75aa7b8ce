//! The transformer as one fused stack with its own way back, for `f32` on a CPU.
//!
//! The stack keeps the weights in a layout of its own and makes it anew when it is told that they
//! changed; what it computes is what [`Transformer`](super::Transformer) computes through candle.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use candle_core::{DType, Result, Tensor};
use mtnet_kernels::{
    EmbeddingParts, LayerParts, Mode, Precision, Purpose, Stack, StackConfig, Wanted,
};

use super::TransformerSpec;
use super::fused_pass::FusedPass;
use super::tensors::{Ids, hold, slices};
use crate::EncoderInput;

/// A parameter: its full name and its values.
pub(super) type Named = (String, Tensor);

/// The parameters of a transformer and the stack that computes with them.
pub(super) struct Fused {
    pub(super) config: StackConfig,
    position_offset: u32,
    pub(super) layers: Vec<LayerParts<Named>>,
    pub(super) embeddings: EmbeddingParts<Named>,
    current: Mutex<Current>,
}

/// The last layout, and how often the weights have changed.
#[derive(Default)]
struct Current {
    version: u64,
    packed: Option<Arc<PackedStack>>,
}

pub(super) struct PackedStack {
    pub(super) stack: Stack,
    /// Changes of the weights before it was laid out.
    version: u64,
    purpose: Purpose,
}

impl Fused {
    /// `None` where a parameter is not `f32` on a CPU.
    pub(super) fn new(
        spec: &TransformerSpec,
        layers: Vec<LayerParts<Named>>,
        embeddings: EmbeddingParts<Named>,
    ) -> Option<Self> {
        let mut parameters = layers
            .iter()
            .flat_map(|layer| layer.as_ref().into_array())
            .chain(flatten(&embeddings));
        let fits = |(_, tensor): &Named| {
            tensor.device().is_cpu() && tensor.dtype() == DType::F32 && tensor.is_contiguous()
        };
        let all = parameters.all(fits);
        drop(parameters);
        all.then(|| Self {
            config: StackConfig {
                embedding_size: spec.embedding_size,
                hidden: spec.hidden_size,
                inner: spec.intermediate_size,
                heads: spec.num_attention_heads,
                layers: spec.num_layers,
                activation: spec.activation,
                layer_norm_eps: spec.layer_norm_eps,
                window_radius: spec.window_radius,
                embedding_dropout: spec.embedding_dropout,
                attention_dropout: spec.attention_dropout,
                attention_output_dropout: if spec.family.drops_attention_output {
                    spec.hidden_dropout
                } else {
                    0.0
                },
                output_dropout: spec.hidden_dropout,
                layer_drop: spec.layer_drop,
            },
            position_offset: spec.position_offset(),
            layers,
            embeddings,
            current: Mutex::default(),
        })
    }

    /// The weights changed: the next pass lays them out anew.
    pub(super) fn weights_changed(&self) {
        self.lock().version += 1;
    }

    /// Hidden rows `(tokens, hidden)`, with no graph behind them.
    pub(super) fn encode(
        &self,
        input: &EncoderInput,
        precision: Precision,
        wanted: Wanted<'_>,
    ) -> Result<Tensor> {
        let packed = self.packed(Purpose {
            precision,
            for_training: false,
        })?;
        let ids = Ids::new(input, self.position_offset)?;
        let hidden =
            self.with_embeddings(|parts| packed.stack.infer(&ids.input(input), parts, wanted))?;
        Tensor::from_vec(
            hidden,
            (input.tokens(), self.config.hidden),
            &candle_core::Device::Cpu,
        )
    }

    /// The same with a way back.
    pub(super) fn pass(
        self: &Arc<Self>,
        input: &EncoderInput,
        precision: Precision,
        mode: &Mode,
    ) -> Result<FusedPass> {
        let packed = self.packed(Purpose {
            precision,
            for_training: true,
        })?;
        let ids = Ids::new(input, self.position_offset)?;
        let tape =
            self.with_embeddings(|parts| packed.stack.forward(&ids.input(input), parts, mode))?;
        let shape = (input.tokens(), self.config.hidden);
        let hidden = Tensor::from_slice(tape.hidden(), shape, &candle_core::Device::Cpu)?;
        Ok(FusedPass {
            fused: Arc::clone(self),
            packed,
            tape,
            hidden,
        })
    }

    /// The stack with the weights as they are now.
    ///
    /// Weights are laid out without the lock: rayon may run another pass on this very thread
    /// while it waits, which would then wait for itself. Two passes at once may lay out the same
    /// weights twice.
    fn packed(&self, purpose: Purpose) -> Result<Arc<PackedStack>> {
        let (version, last) = {
            let mut current = self.lock();
            let fits = |p: &&Arc<PackedStack>| {
                p.version == current.version
                    && p.purpose.precision == purpose.precision
                    && (p.purpose.for_training || !purpose.for_training)
            };
            if let Some(packed) = current.packed.as_ref().filter(fits) {
                return Ok(Arc::clone(packed));
            }
            (current.version, current.packed.take())
        };
        // The memory of the last layout is used again where no pass holds it.
        let mut stack = match last.and_then(Arc::into_inner) {
            Some(packed) => packed.stack,
            None => Stack::new(self.config.clone())?,
        };
        let parameters = self.layers.iter().flat_map(|l| l.as_ref().into_array());
        let held = hold(parameters.map(|(_, tensor)| tensor));
        let mut values = slices(&held)?.into_iter();
        let mut next = || values.next().unwrap_or_default();
        let layers: Vec<LayerParts<&[f32]>> = self
            .layers
            .iter()
            .map(|layer| layer.as_ref().map(|_| next()))
            .collect();
        self.with_embeddings(|parts| stack.pack(&layers, parts, purpose))?;
        let packed = Arc::new(PackedStack {
            stack,
            version,
            purpose,
        });
        self.lock().packed = Some(Arc::clone(&packed));
        Ok(packed)
    }

    fn with_embeddings<T>(
        &self,
        f: impl FnOnce(&EmbeddingParts<&[f32]>) -> Result<T>,
    ) -> Result<T> {
        let held = hold(flatten(&self.embeddings).map(|(_, tensor)| tensor));
        let mut values = slices(&held)?.into_iter();
        let mut next = || values.next().unwrap_or_default();
        f(&EmbeddingParts {
            words: next(),
            positions: next(),
            types: self.embeddings.types.as_ref().map(|_| next()),
            norm_weight: next(),
            norm_bias: next(),
            projection: self
                .embeddings
                .projection
                .as_ref()
                .map(|_| (next(), next())),
        })
    }

    fn lock(&self) -> MutexGuard<'_, Current> {
        self.current.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn flatten(parts: &EmbeddingParts<Named>) -> impl Iterator<Item = &Named> {
    let projection = parts
        .projection
        .iter()
        .flat_map(|(weight, bias)| [weight, bias]);
    [&parts.words, &parts.positions]
        .into_iter()
        .chain(&parts.types)
        .chain([&parts.norm_weight, &parts.norm_bias])
        .chain(projection)
}
