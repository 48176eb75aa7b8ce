//! What a caller hands to a stack: a value for each parameter, the batch, and where gradients go.

use std::sync::Arc;

use candle_core::{Result, bail};
use mtnet_core::Offsets;

use super::StackConfig;

/// One value for each parameter of a layer: its weights as `&[f32]`, or where their gradients are
/// added, as `Option<&mut [f32]>` with `None` for a frozen one.
///
/// Weights are `(out, in)`, row-major, as published checkpoints store them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LayerParts<T> {
    /// `(hidden, hidden)`.
    pub query_weight: T,
    /// `(hidden)`.
    pub query_bias: T,
    /// `(hidden, hidden)`.
    pub key_weight: T,
    /// `(hidden)`.
    pub key_bias: T,
    /// `(hidden, hidden)`.
    pub value_weight: T,
    /// `(hidden)`.
    pub value_bias: T,
    /// `(hidden, hidden)`.
    pub attention_output_weight: T,
    /// `(hidden)`.
    pub attention_output_bias: T,
    /// `(hidden)`.
    pub attention_norm_weight: T,
    /// `(hidden)`.
    pub attention_norm_bias: T,
    /// `(inner, hidden)`.
    pub intermediate_weight: T,
    /// `(inner)`.
    pub intermediate_bias: T,
    /// `(hidden, inner)`.
    pub output_weight: T,
    /// `(hidden)`.
    pub output_bias: T,
    /// `(hidden)`.
    pub output_norm_weight: T,
    /// `(hidden)`.
    pub output_norm_bias: T,
}

impl<T> LayerParts<T> {
    /// The values in the order of the fields.
    pub fn into_array(self) -> [T; 16] {
        [
            self.query_weight,
            self.query_bias,
            self.key_weight,
            self.key_bias,
            self.value_weight,
            self.value_bias,
            self.attention_output_weight,
            self.attention_output_bias,
            self.attention_norm_weight,
            self.attention_norm_bias,
            self.intermediate_weight,
            self.intermediate_bias,
            self.output_weight,
            self.output_bias,
            self.output_norm_weight,
            self.output_norm_bias,
        ]
    }

    /// From values in the order of the fields.
    pub fn from_array(values: [T; 16]) -> Self {
        let [
            query_weight,
            query_bias,
            key_weight,
            key_bias,
            value_weight,
            value_bias,
            attention_output_weight,
            attention_output_bias,
            attention_norm_weight,
            attention_norm_bias,
            intermediate_weight,
            intermediate_bias,
            output_weight,
            output_bias,
            output_norm_weight,
            output_norm_bias,
        ] = values;
        Self {
            query_weight,
            query_bias,
            key_weight,
            key_bias,
            value_weight,
            value_bias,
            attention_output_weight,
            attention_output_bias,
            attention_norm_weight,
            attention_norm_bias,
            intermediate_weight,
            intermediate_bias,
            output_weight,
            output_bias,
            output_norm_weight,
            output_norm_bias,
        }
    }

    /// References to the values.
    pub fn as_ref(&self) -> LayerParts<&T> {
        LayerParts {
            query_weight: &self.query_weight,
            query_bias: &self.query_bias,
            key_weight: &self.key_weight,
            key_bias: &self.key_bias,
            value_weight: &self.value_weight,
            value_bias: &self.value_bias,
            attention_output_weight: &self.attention_output_weight,
            attention_output_bias: &self.attention_output_bias,
            attention_norm_weight: &self.attention_norm_weight,
            attention_norm_bias: &self.attention_norm_bias,
            intermediate_weight: &self.intermediate_weight,
            intermediate_bias: &self.intermediate_bias,
            output_weight: &self.output_weight,
            output_bias: &self.output_bias,
            output_norm_weight: &self.output_norm_weight,
            output_norm_bias: &self.output_norm_bias,
        }
    }

    /// References to the values, to change them.
    pub fn as_mut(&mut self) -> LayerParts<&mut T> {
        LayerParts {
            query_weight: &mut self.query_weight,
            query_bias: &mut self.query_bias,
            key_weight: &mut self.key_weight,
            key_bias: &mut self.key_bias,
            value_weight: &mut self.value_weight,
            value_bias: &mut self.value_bias,
            attention_output_weight: &mut self.attention_output_weight,
            attention_output_bias: &mut self.attention_output_bias,
            attention_norm_weight: &mut self.attention_norm_weight,
            attention_norm_bias: &mut self.attention_norm_bias,
            intermediate_weight: &mut self.intermediate_weight,
            intermediate_bias: &mut self.intermediate_bias,
            output_weight: &mut self.output_weight,
            output_bias: &mut self.output_bias,
            output_norm_weight: &mut self.output_norm_weight,
            output_norm_bias: &mut self.output_norm_bias,
        }
    }

    /// Another value for each.
    pub fn map<U>(self, f: impl FnMut(T) -> U) -> LayerParts<U> {
        LayerParts::from_array(self.into_array().map(f))
    }
}

impl LayerParts<()> {
    /// The length of each parameter.
    pub fn lengths(config: &StackConfig) -> LayerParts<usize> {
        let (hidden, inner) = (config.hidden, config.inner);
        let (square, rectangle) = (hidden * hidden, hidden * inner);
        LayerParts::from_array([
            square, hidden, square, hidden, square, hidden, square, hidden, hidden, hidden,
            rectangle, inner, rectangle, hidden, hidden, hidden,
        ])
    }
}

/// One value for each parameter of the embeddings; `Table` is the type of the three tables.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct EmbeddingParts<T, Table = T> {
    /// `(vocabulary, embedding size)`.
    pub words: Table,
    /// `(positions, embedding size)`.
    pub positions: Table,
    /// `(types, embedding size)`, where the encoder tells segments apart. In a table of one row
    /// all tokens are of the first segment, whatever their type id.
    pub types: Option<Table>,
    /// `(embedding size)`.
    pub norm_weight: T,
    /// `(embedding size)`.
    pub norm_bias: T,
    /// Weight `(hidden, (2 · window radius + 1) · embedding size)` and bias `(hidden)` of the map
    /// to the hidden size, where there is one.
    pub projection: Option<(T, T)>,
}

/// A batch of sequences laid end to end; ids are `(tokens)`.
#[derive(Clone, Copy, Debug)]
pub struct StackInput<'a> {
    /// Rows of the word table.
    pub input_ids: &'a [u32],
    /// Rows of the position table: an encoder that counts from an offset has added it.
    pub position_ids: &'a [u32],
    /// Rows of the segment table; not read where there is none.
    pub type_ids: &'a [u32],
    /// Where each sequence begins and ends.
    pub offsets: &'a Arc<Offsets>,
    /// What is added to the sums of the embeddings, before their norm `(tokens, embedding size)`.
    pub shift: Option<&'a [f32]>,
}

impl StackInput<'_> {
    pub(super) fn check(&self) -> Result<()> {
        let tokens = self.offsets.total();
        for (what, ids) in [
            ("input", self.input_ids),
            ("position", self.position_ids),
            ("type", self.type_ids),
        ] {
            if ids.len() != tokens {
                bail!(
                    "stack: offsets span {tokens} tokens but there are {} {what} ids",
                    ids.len()
                );
            }
        }
        Ok(())
    }
}

/// The gradient of a table of which a batch reads few rows.
#[derive(Debug)]
pub struct RowGradients<'a> {
    /// The whole table `(rows, width)`. Only rows that the batch reads are added to.
    pub values: &'a mut [f32],
    /// Numbers of the rows that were added to, ascending and distinct; rows listed by an earlier
    /// call stay.
    pub touched: &'a mut Vec<u32>,
}

/// Where a backward pass adds its gradients; `None` is a frozen parameter.
#[derive(Debug, Default)]
pub struct StackGradients<'a> {
    /// One for each layer, from the lowest.
    pub layers: Vec<LayerParts<Option<&'a mut [f32]>>>,
    /// Those of the embeddings.
    pub embeddings: EmbeddingParts<Option<&'a mut [f32]>, Option<RowGradients<'a>>>,
    /// That of the sums of the embeddings `(tokens, embedding size)`, where it is asked for.
    pub at_input: Option<&'a mut [f32]>,
}

impl StackGradients<'_> {
    /// All parameters frozen.
    pub(super) fn none(config: &StackConfig) -> Self {
        let layer = || LayerParts::from_array([(); 16]).map(|()| None);
        Self {
            layers: (0..config.layers).map(|_| layer()).collect(),
            ..Self::default()
        }
    }

    pub(super) fn check(&self, config: &StackConfig) -> Result<()> {
        if self.layers.len() != config.layers {
            bail!(
                "stack: expected gradients of {} layers, found {}",
                config.layers,
                self.layers.len()
            );
        }
        let lengths = LayerParts::lengths(config).into_array();
        for (index, layer) in self.layers.iter().enumerate() {
            for (part, length) in layer.as_ref().into_array().into_iter().zip(lengths) {
                check_length(&format!("a gradient of layer {index}"), part, length)?;
            }
        }
        let EmbeddingParts {
            norm_weight,
            norm_bias,
            projection,
            ..
        } = &self.embeddings;
        check_length("the gradient of a norm", norm_weight, config.embedding_size)?;
        check_length("the gradient of a norm", norm_bias, config.embedding_size)?;
        if let Some((weight, bias)) = projection {
            let length = config.hidden * config.window_width();
            check_length("the gradient of the projection", weight, length)?;
            check_length("the gradient of the projection", bias, config.hidden)?;
        }
        Ok(())
    }

    /// Whether a parameter of that layer is trained.
    pub(super) fn trains_layer(&self, index: usize) -> bool {
        let parts = self.layers[index].as_ref().into_array();
        parts.iter().any(|part| part.is_some())
    }

    /// Whether a parameter of that layer's attention, its norm included, is trained.
    pub(super) fn trains_attention(&self, index: usize) -> bool {
        let parts = self.layers[index].as_ref().into_array();
        parts[..10].iter().any(|part| part.is_some())
    }

    /// Whether a parameter of the embeddings is trained.
    pub(super) fn trains_embeddings(&self) -> bool {
        let EmbeddingParts {
            words,
            positions,
            types,
            norm_weight,
            norm_bias,
            projection,
        } = &self.embeddings;
        let table = |table: &Option<RowGradients<'_>>| table.is_some();
        let projected =
            |(weight, bias): &(Option<_>, Option<_>)| weight.is_some() || bias.is_some();
        self.at_input.is_some()
            || table(words)
            || table(positions)
            || types.as_ref().is_some_and(table)
            || norm_weight.is_some()
            || norm_bias.is_some()
            || projection.as_ref().is_some_and(projected)
    }
}

fn check_length(what: &str, part: &Option<&mut [f32]>, expected: usize) -> Result<()> {
    match part {
        Some(part) if part.len() != expected => bail!(
            "stack: expected {expected} numbers for {what}, found {}",
            part.len()
        ),
        _ => Ok(()),
    }
}
