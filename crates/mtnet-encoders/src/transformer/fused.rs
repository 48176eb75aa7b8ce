//! The transformer as one fused stack with its own way back, for `f32` on a CPU.
//!
//! The stack keeps the weights in a layout of its own and makes it anew when it is told that they
//! changed; what it computes is what [`Transformer`](super::Transformer) computes through candle.

use std::ops::Deref;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use candle_core::{CpuStorage, DType, Layout, Result, Storage, Tensor, bail};
use mtnet_kernels::{
    EmbeddingParts, GradientSlot, LayerParts, Mode, Reach, RowGradients, Stack, StackConfig,
    StackGradients, StackInput, Tape,
};

use super::TransformerSpec;
use crate::{EncoderInput, EncoderPass, Slope};

/// A parameter: its full name and its values.
pub(super) type Named = (String, Tensor);

/// The parameters of a transformer and the stack that computes with them.
pub(super) struct Fused {
    config: StackConfig,
    position_offset: u32,
    layers: Vec<LayerParts<Named>>,
    embeddings: EmbeddingParts<Named>,
    current: Mutex<Current>,
}

/// The last layout, and how often the weights have changed.
#[derive(Default)]
struct Current {
    version: u64,
    packed: Option<Arc<PackedStack>>,
}

struct PackedStack {
    stack: Stack,
    /// Changes of the weights before it was laid out.
    version: u64,
    for_training: bool,
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
    pub(super) fn encode(&self, input: &EncoderInput) -> Result<Tensor> {
        let packed = self.packed(false)?;
        let ids = Ids::new(input, self.position_offset)?;
        let hidden = self.with_embeddings(|parts| packed.stack.infer(&ids.input(input), parts))?;
        Tensor::from_vec(
            hidden,
            (input.tokens(), self.config.hidden),
            &candle_core::Device::Cpu,
        )
    }

    /// The same with a way back.
    pub(super) fn pass(self: &Arc<Self>, input: &EncoderInput, mode: &Mode) -> Result<FusedPass> {
        let packed = self.packed(true)?;
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
    fn packed(&self, for_training: bool) -> Result<Arc<PackedStack>> {
        let (version, last) = {
            let mut current = self.lock();
            let fits = |p: &&Arc<PackedStack>| {
                p.version == current.version && (p.for_training || !for_training)
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
        self.with_embeddings(|parts| stack.pack(&layers, parts, for_training))?;
        let packed = Arc::new(PackedStack {
            stack,
            version,
            for_training,
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

/// A pass whose way back is the stack's.
pub(super) struct FusedPass {
    fused: Arc<Fused>,
    packed: Arc<PackedStack>,
    tape: Tape,
    hidden: Tensor,
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
        let layers = layers.map(|layer| layer.as_ref().map(|named| slot(named).map(whole)));
        let layers = layers.collect();
        let mut table = |named: &Named| {
            let count = named.1.dims().first().copied().unwrap_or_default();
            slot(named).map(|slot| rows(slot, count))
        };
        let (words, positions) = (table(&parts.words), table(&parts.positions));
        let types = parts.types.as_ref().map(table);
        StackGradients {
            layers,
            embeddings: EmbeddingParts {
                words,
                positions,
                types,
                norm_weight: slot(&parts.norm_weight).map(whole),
                norm_bias: slot(&parts.norm_bias).map(whole),
                projection: parts
                    .projection
                    .as_ref()
                    .map(|(weight, bias)| (slot(weight).map(whole), slot(bias).map(whole))),
            },
            at_input: None,
        }
    }
}

fn whole(slot: GradientSlot<'_>) -> &mut [f32] {
    *slot.reach = Reach::All;
    slot.values
}

fn rows(slot: GradientSlot<'_>, rows: usize) -> RowGradients<'_> {
    RowGradients {
        values: slot.values,
        touched: slot.reach.list(rows),
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

/// The ids of a batch in main memory.
struct Ids {
    input: Vec<u32>,
    positions: Vec<u32>,
    types: Vec<u32>,
    shift: Option<Vec<f32>>,
}

impl Ids {
    fn new(input: &EncoderInput, position_offset: u32) -> Result<Self> {
        let mut positions = input.position_ids.to_vec1::<u32>()?;
        positions
            .iter_mut()
            .for_each(|position| *position += position_offset);
        Ok(Self {
            input: input.input_ids.to_vec1()?,
            positions,
            types: input.type_ids.to_vec1()?,
            shift: match &input.shift {
                Some(shift) => Some(shift.flatten_all()?.to_vec1()?),
                None => None,
            },
        })
    }

    fn input<'a>(&'a self, input: &'a EncoderInput) -> StackInput<'a> {
        StackInput {
            input_ids: &self.input,
            position_ids: &self.positions,
            type_ids: &self.types,
            offsets: &input.offsets,
            shift: self.shift.as_deref(),
        }
    }
}

/// Tensors held for reading.
fn hold<'a>(
    tensors: impl Iterator<Item = &'a Tensor>,
) -> Vec<(impl Deref<Target = Storage>, &'a Layout)> {
    tensors.map(Tensor::storage_and_layout).collect()
}

/// The numbers of tensors that are held.
fn slices<'a, G: Deref<Target = Storage>>(held: &'a [(G, &Layout)]) -> Result<Vec<&'a [f32]>> {
    held.iter()
        .map(
            |(storage, layout)| match (&**storage, layout.contiguous_offsets()) {
                (Storage::Cpu(CpuStorage::F32(values)), Some((start, end))) => {
                    Ok(&values[start..end])
                }
                _ => bail!("expected contiguous f32 numbers on a cpu"),
            },
        )
        .collect()
}
