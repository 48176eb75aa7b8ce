//! One post-norm layer: `x ← norm(x + attention(x))`, `x ← norm(x + W₂ · act(W₁ · x))`.
//!
//! Vaswani et al. 2017, §3.1; queries, keys and values are three linear maps, as published.

use std::sync::Arc;

use candle_core::{Result, Tensor};
use candle_nn::VarBuilder;
use mtnet_core::Offsets;
use mtnet_kernels::{Activation, LayerParts, Mode, attention, dropout};

use super::TransformerSpec;
use super::fused::Named;
use crate::families::TensorNames;
use crate::layers::{LayerNorm, Linear, normal};

pub(super) struct Layer {
    query: Linear,
    key: Linear,
    value: Linear,
    attention_output: Linear,
    attention_norm: LayerNorm,
    intermediate: Linear,
    output: Linear,
    output_norm: LayerNorm,
    num_heads: usize,
    attention_dropout: f64,
    attention_output_dropout: f64,
    output_dropout: f64,
}

impl Layer {
    pub(super) fn new(spec: &TransformerSpec, vb: &VarBuilder) -> Result<Self> {
        let (hidden, inner, names) = (spec.hidden_size, spec.intermediate_size, &spec.family.names);
        let linear = |inputs, outputs, activation, name| {
            let init = normal(spec.initializer_range);
            Linear::new(inputs, outputs, activation, init, vb.pp(name))
        };
        let square = |name| linear(hidden, hidden, Activation::Identity, name);
        let norm = |name| LayerNorm::new(hidden, spec.layer_norm_eps, vb.pp(name));
        Ok(Self {
            query: square(names.query)?,
            key: square(names.key)?,
            value: square(names.value)?,
            attention_output: square(names.attention_output)?,
            attention_norm: norm(names.attention_norm)?,
            intermediate: linear(hidden, inner, spec.activation, names.intermediate)?,
            output: linear(inner, hidden, Activation::Identity, names.output)?,
            output_norm: norm(names.output_norm)?,
            num_heads: spec.num_attention_heads,
            attention_dropout: spec.attention_dropout,
            attention_output_dropout: if spec.family.drops_attention_output {
                spec.hidden_dropout
            } else {
                0.0
            },
            output_dropout: spec.hidden_dropout,
        })
    }

    /// Its parameters with their names below `prefix`.
    pub(super) fn parameters(&self, names: &TensorNames, prefix: &str) -> LayerParts<Named> {
        let pairs = [
            (names.query, self.query.parameters()),
            (names.key, self.key.parameters()),
            (names.value, self.value.parameters()),
            (names.attention_output, self.attention_output.parameters()),
            (names.attention_norm, self.attention_norm.parameters()),
            (names.intermediate, self.intermediate.parameters()),
            (names.output, self.output.parameters()),
            (names.output_norm, self.output_norm.parameters()),
        ];
        let mut parts = pairs.into_iter().flat_map(|(name, (weight, bias))| {
            [("weight", weight), ("bias", bias)]
                .map(|(part, tensor)| (format!("{prefix}{name}.{part}"), tensor.clone()))
        });
        // Weights and biases of the eight parts, in the order of `LayerParts`.
        LayerParts::from_array([(); 16])
            .map(|()| parts.next().expect("sixteen parameters of eight parts"))
    }

    /// `(tokens, hidden)` to `(tokens, hidden)`.
    pub(super) fn forward(
        &self,
        x: &Tensor,
        offsets: &Arc<Offsets>,
        mode: &Mode,
    ) -> Result<Tensor> {
        let mixed = attention(
            &self.query.forward(x)?,
            &self.key.forward(x)?,
            &self.value.forward(x)?,
            offsets,
            self.num_heads,
            &mode.child("attention").dropout(self.attention_dropout),
        )?;
        let mixed = dropout(
            &self.attention_output.forward(&mixed)?,
            &mode
                .child("attention-output")
                .dropout(self.attention_output_dropout),
        )?;
        let x = self.attention_norm.forward(&mixed, Some(x))?;
        let inner = self.output.forward(&self.intermediate.forward(&x)?)?;
        let inner = dropout(&inner, &mode.child("output").dropout(self.output_dropout))?;
        self.output_norm.forward(&inner, Some(&x))
    }
}
