//! What a caller hands to a stack: a value for each parameter, the batch, and where gradients go.

use std::sync::Arc;

use candle_core::{Result, bail};
use mtnet_core::Offsets;

use super::{Destination, StackConfig};
use crate::gradients::RowGradients;

/// The struct with one field for each parameter, and what walks its fields.
macro_rules! layer_parts {
    ($($(#[$doc:meta])* $field:ident,)*) => {
        /// One value for each parameter of a layer: its weights as `&[f32]`, or where their
        /// gradients go, as `Option<Destination>` with `None` for a frozen one.
        ///
        /// Weights are `(out, in)`, row-major, as published checkpoints store them.
        #[derive(Clone, Debug, Default, PartialEq)]
        pub struct LayerParts<T> {
            $($(#[$doc])* pub $field: T,)*
        }

        /// Parameters of a layer.
        const PARTS: usize = [$(stringify!($field)),*].len();

        impl<T> LayerParts<T> {
            /// The values in the order of the fields.
            pub fn into_array(self) -> [T; PARTS] {
                [$(self.$field),*]
            }

            /// From values in the order of the fields.
            pub fn from_array([$($field),*]: [T; PARTS]) -> Self {
                Self { $($field),* }
            }

            /// References to the values.
            pub fn as_ref(&self) -> LayerParts<&T> {
                LayerParts { $($field: &self.$field),* }
            }

            /// References to the values, to change them.
            pub fn as_mut(&mut self) -> LayerParts<&mut T> {
                LayerParts { $($field: &mut self.$field),* }
            }
        }
    };
}

layer_parts! {
    /// `(hidden, hidden)`.
    query_weight,
    /// `(hidden)`.
    query_bias,
    /// `(hidden, hidden)`.
    key_weight,
    /// `(hidden)`.
    key_bias,
    /// `(hidden, hidden)`.
    value_weight,
    /// `(hidden)`.
    value_bias,
    /// `(hidden, hidden)`.
    attention_output_weight,
    /// `(hidden)`.
    attention_output_bias,
    /// `(hidden)`.
    attention_norm_weight,
    /// `(hidden)`.
    attention_norm_bias,
    /// `(inner, hidden)`.
    intermediate_weight,
    /// `(inner)`.
    intermediate_bias,
    /// `(hidden, inner)`.
    output_weight,
    /// `(hidden)`.
    output_bias,
    /// `(hidden)`.
    output_norm_weight,
    /// `(hidden)`.
    output_norm_bias,
}

impl<T> LayerParts<T> {
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

/// Which hidden rows will be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wanted<'a> {
    /// Every token's.
    All,
    /// Those of these tokens, in any order.
    Rows(&'a [u32]),
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

/// Where a backward pass adds its gradients; `None` is a frozen parameter.
#[derive(Debug, Default)]
pub struct StackGradients<'a> {
    /// One for each layer, from the lowest.
    pub layers: Vec<LayerParts<Option<Destination<'a>>>>,
    /// Those of the embeddings.
    pub embeddings: EmbeddingParts<Option<Destination<'a>>, Option<RowGradients<'a>>>,
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

fn check_length(what: &str, part: &Option<Destination<'_>>, expected: usize) -> Result<()> {
    match part {
        Some(part) if part.len() != expected => bail!(
            "stack: expected {expected} numbers for {what}, found {}",
            part.len()
        ),
        _ => Ok(()),
    }
}
