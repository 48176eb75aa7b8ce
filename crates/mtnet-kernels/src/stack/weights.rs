//! The weights of a stack, laid out for its products.

use candle_core::{Result, bail};

use super::{EmbeddingParts, LayerParts, StackConfig};
use crate::precision::Precision;
use crate::product::{LONGEST_INT8, Orientation, PackedWeight, Right};

/// What weights are laid out for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Purpose {
    /// The numbers that products take.
    pub precision: Precision,
    /// Whether a backward pass may follow: it needs layouts of its own.
    pub for_training: bool,
}

impl Purpose {
    fn check(self, config: &StackConfig) -> Result<()> {
        if self.precision != Precision::Int8 {
            return Ok(());
        }
        if self.for_training {
            bail!("stack: int8 is for answers only; train in f32 or bf16");
        }
        let longest = config.hidden.max(config.inner).max(config.window_width());
        if longest > LONGEST_INT8 {
            bail!(
                "stack: int8 sums over at most {LONGEST_INT8} numbers, these layers over {longest}"
            );
        }
        Ok(())
    }
}

/// A linear map, laid out for `x · Wᵀ`, and for `dy · W` where it is to be trained.
#[derive(Debug, Default)]
pub(super) struct Map {
    forward: PackedWeight,
    backward: PackedWeight,
    pub bias: Vec<f32>,
}

impl Map {
    /// `weight (outputs, inputs)`, `bias (outputs)`.
    fn pack(&mut self, weight: &[f32], bias: &[f32], purpose: Purpose) {
        let outputs = bias.len();
        let inputs = weight.len() / outputs;
        let precision = purpose.precision;
        let (turned, plain) = (Orientation::Transposed, Orientation::Plain);
        self.forward
            .pack(precision, weight, (inputs, outputs), turned);
        if purpose.for_training {
            self.backward
                .pack(precision, weight, (outputs, inputs), plain);
        }
        refill(&mut self.bias, &[bias]);
    }

    /// For `x · Wᵀ`.
    pub(super) fn forward(&self) -> &dyn Right {
        self.forward.right()
    }

    /// For `dy · W`.
    pub(super) fn backward(&self) -> &dyn Right {
        self.backward.right()
    }
}

/// Scale and shift of a layer norm.
#[derive(Debug, Default)]
pub(super) struct Norm {
    pub weight: Vec<f32>,
    pub bias: Vec<f32>,
}

#[derive(Debug, Default)]
pub(super) struct LayerWeights {
    /// Queries, keys and values of a token, side by side.
    pub qkv: Map,
    pub attention_output: Map,
    pub attention_norm: Norm,
    pub intermediate: Map,
    pub output: Map,
    pub output_norm: Norm,
}

impl LayerWeights {
    fn pack(&mut self, parts: &LayerParts<&[f32]>, joined: &mut Vec<f32>, purpose: Purpose) {
        let bias = [parts.query_bias, parts.key_bias, parts.value_bias].concat();
        refill(
            joined,
            &[parts.query_weight, parts.key_weight, parts.value_weight],
        );
        self.qkv.pack(joined, &bias, purpose);
        self.attention_output.pack(
            parts.attention_output_weight,
            parts.attention_output_bias,
            purpose,
        );
        self.intermediate
            .pack(parts.intermediate_weight, parts.intermediate_bias, purpose);
        self.output
            .pack(parts.output_weight, parts.output_bias, purpose);
        self.attention_norm
            .refill(parts.attention_norm_weight, parts.attention_norm_bias);
        self.output_norm
            .refill(parts.output_norm_weight, parts.output_norm_bias);
    }
}

impl Norm {
    fn refill(&mut self, weight: &[f32], bias: &[f32]) {
        refill(&mut self.weight, &[weight]);
        refill(&mut self.bias, &[bias]);
    }
}

/// All that [`Stack::pack`](super::Stack::pack) lays out.
#[derive(Debug, Default)]
pub(super) struct Weights {
    pub layers: Vec<LayerWeights>,
    pub embedding_norm: Norm,
    pub projection: Option<Map>,
    /// What the layouts are good for.
    pub purpose: Purpose,
    /// Work space: the weights of queries, keys and values below one another.
    joined: Vec<f32>,
}

impl Weights {
    /// Whether products round their operands, so that gradients of weights do too.
    pub(super) fn rounds(&self) -> bool {
        self.purpose.precision == Precision::Bf16
    }

    pub(super) fn pack(
        &mut self,
        config: &StackConfig,
        layers: &[LayerParts<&[f32]>],
        embeddings: &EmbeddingParts<&[f32]>,
        purpose: Purpose,
    ) -> Result<()> {
        purpose.check(config)?;
        check(config, layers, embeddings)?;
        self.layers.resize_with(layers.len(), Default::default);
        for (layer, parts) in self.layers.iter_mut().zip(layers) {
            layer.pack(parts, &mut self.joined, purpose);
        }
        self.embedding_norm
            .refill(embeddings.norm_weight, embeddings.norm_bias);
        if let Some((weight, bias)) = embeddings.projection {
            self.projection
                .get_or_insert_default()
                .pack(weight, bias, purpose);
        }
        self.purpose = purpose;
        Ok(())
    }
}

fn check(
    config: &StackConfig,
    layers: &[LayerParts<&[f32]>],
    embeddings: &EmbeddingParts<&[f32]>,
) -> Result<()> {
    let expect = |what: &str, found: usize, expected: usize| {
        if found == expected {
            Ok(())
        } else {
            bail!("stack: expected {expected} {what}, found {found}")
        }
    };
    expect("layers", layers.len(), config.layers)?;
    let lengths = LayerParts::lengths(config).into_array();
    for parts in layers {
        for (part, length) in parts.as_ref().into_array().into_iter().zip(lengths) {
            expect("numbers in a parameter of a layer", part.len(), length)?;
        }
    }
    let width = config.embedding_size;
    expect("numbers in a norm", embeddings.norm_weight.len(), width)?;
    expect("numbers in a norm", embeddings.norm_bias.len(), width)?;
    let projections = usize::from(embeddings.projection.is_some());
    let needed = usize::from(config.has_projection());
    expect("projections of the embeddings", projections, needed)?;
    if let Some((weight, bias)) = embeddings.projection {
        let length = config.hidden * config.window_width();
        expect("numbers in the projection", weight.len(), length)?;
        expect("numbers in the projection", bias.len(), config.hidden)?;
    }
    Ok(())
}

/// Fills with the slices end to end, in the memory of what was there.
fn refill(values: &mut Vec<f32>, slices: &[&[f32]]) {
    values.clear();
    slices
        .iter()
        .for_each(|slice| values.extend_from_slice(slice));
}
