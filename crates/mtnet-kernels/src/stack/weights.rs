//! The weights of a stack, laid out for its products.

use candle_core::{Result, bail};

use super::{EmbeddingParts, LayerParts, StackConfig};
use crate::product::{Orientation, Packed};

/// A linear map, laid out for `x · Wᵀ`, and for `dy · W` where it is to be trained.
#[derive(Debug, Default)]
pub(super) struct Map {
    pub forward: Packed,
    pub backward: Packed,
    pub bias: Vec<f32>,
}

impl Map {
    /// `weight (outputs, inputs)`, `bias (outputs)`.
    fn pack(&mut self, weight: &[f32], bias: &[f32], for_training: bool) {
        let outputs = bias.len();
        let inputs = weight.len() / outputs;
        self.forward
            .pack(weight, inputs, outputs, Orientation::Transposed);
        if for_training {
            self.backward
                .pack(weight, outputs, inputs, Orientation::Plain);
        }
        refill(&mut self.bias, &[bias]);
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
    fn pack(&mut self, parts: &LayerParts<&[f32]>, joined: &mut Vec<f32>, for_training: bool) {
        let bias = [parts.query_bias, parts.key_bias, parts.value_bias].concat();
        refill(
            joined,
            &[parts.query_weight, parts.key_weight, parts.value_weight],
        );
        self.qkv.pack(joined, &bias, for_training);
        self.attention_output.pack(
            parts.attention_output_weight,
            parts.attention_output_bias,
            for_training,
        );
        self.intermediate.pack(
            parts.intermediate_weight,
            parts.intermediate_bias,
            for_training,
        );
        self.output
            .pack(parts.output_weight, parts.output_bias, for_training);
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
    /// Whether the layouts of the backward pass are there.
    pub for_training: bool,
    /// Work space: the weights of queries, keys and values below one another.
    joined: Vec<f32>,
}

impl Weights {
    pub(super) fn pack(
        &mut self,
        config: &StackConfig,
        layers: &[LayerParts<&[f32]>],
        embeddings: &EmbeddingParts<&[f32]>,
        for_training: bool,
    ) -> Result<()> {
        check(config, layers, embeddings)?;
        self.layers.resize_with(layers.len(), Default::default);
        for (layer, parts) in self.layers.iter_mut().zip(layers) {
            layer.pack(parts, &mut self.joined, for_training);
        }
        self.embedding_norm
            .refill(embeddings.norm_weight, embeddings.norm_bias);
        if let Some((weight, bias)) = embeddings.projection {
            self.projection
                .get_or_insert_default()
                .pack(weight, bias, for_training);
        }
        self.for_training = for_training;
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
