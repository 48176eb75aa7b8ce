//! The sum of word, position and segment embeddings: `project(dropout(norm(word + position + type)))`.
//!
//! Devlin et al. 2019, figure 2. The projection is ELECTRA's (Clark et al. 2020, §3.1, after the
//! factorised embeddings of ALBERT); with a window it reads the embeddings of the neighbours as
//! well, as the window approach of Collobert et al. 2011, §3.3.1.

use candle_core::{Result, Tensor};
use candle_nn::VarBuilder;
use mtnet_kernels::{Activation, EmbeddingParts, Mode, dropout, embedding, window_concat};

use super::TransformerSpec;
use super::fused::Named;
use crate::EncoderInput;
use crate::layers::{LayerNorm, Linear, embedding_table, normal};

pub(super) struct Embeddings {
    words: Tensor,
    positions: Tensor,
    types: Option<Tensor>,
    norm: LayerNorm,
    project: Option<Linear>,
    position_offset: u32,
    type_vocab_size: usize,
    window_radius: usize,
    dropout: f64,
}

impl Embeddings {
    pub(super) fn new(spec: &TransformerSpec, vb: &VarBuilder) -> Result<Self> {
        let (width, deviation) = (spec.embedding_size, spec.initializer_range);
        let tables = vb.pp("embeddings");
        let table = |rows, name| embedding_table(rows, width, deviation, tables.pp(name));
        let types = match spec.type_vocab_size {
            0 => None,
            rows => Some(table(rows, "token_type_embeddings")?),
        };
        let project = if spec.has_projection() {
            Some(Linear::new(
                (2 * spec.window_radius + 1) * width,
                spec.hidden_size,
                Activation::Identity,
                normal(deviation),
                vb.pp("embeddings_project"),
            )?)
        } else {
            None
        };
        Ok(Self {
            words: table(spec.vocab_size, "word_embeddings")?,
            positions: table(spec.max_position_embeddings, "position_embeddings")?,
            types,
            norm: LayerNorm::new(width, spec.layer_norm_eps, tables.pp("LayerNorm"))?,
            project,
            position_offset: spec.position_offset(),
            type_vocab_size: spec.type_vocab_size,
            window_radius: spec.window_radius,
            dropout: spec.embedding_dropout,
        })
    }

    /// Its parameters with their names below `prefix`.
    pub(super) fn parameters(&self, prefix: &str) -> EmbeddingParts<Named> {
        let named = |name: &str, tensor: &Tensor| (format!("{prefix}{name}"), tensor.clone());
        let table = |name: &str, tensor: &Tensor| {
            named(&format!("embeddings.{name}_embeddings.weight"), tensor)
        };
        let (norm_weight, norm_bias) = self.norm.parameters();
        EmbeddingParts {
            words: table("word", &self.words),
            positions: table("position", &self.positions),
            types: self.types.as_ref().map(|types| table("token_type", types)),
            norm_weight: named("embeddings.LayerNorm.weight", norm_weight),
            norm_bias: named("embeddings.LayerNorm.bias", norm_bias),
            projection: self.project.as_ref().map(|project| {
                let (weight, bias) = project.parameters();
                (
                    named("embeddings_project.weight", weight),
                    named("embeddings_project.bias", bias),
                )
            }),
        }
    }

    /// Rows `(tokens, hidden)`.
    pub(super) fn forward(&self, input: &EncoderInput, mode: &Mode) -> Result<Tensor> {
        let position_ids = match self.position_offset {
            0 => input.position_ids.clone(),
            offset => {
                let offset = Tensor::new(offset, input.position_ids.device())?;
                input.position_ids.broadcast_add(&offset)?
            }
        };
        let mut sum = (embedding(&self.words, &input.input_ids)?
            + embedding(&self.positions, &position_ids)?)?;
        if let Some(types) = &self.types {
            // A table of one row knows no second segment: all tokens are of the first.
            let type_ids = match self.type_vocab_size {
                1 => input.type_ids.zeros_like()?,
                _ => input.type_ids.clone(),
            };
            sum = (sum + embedding(types, &type_ids)?)?;
        }
        if let Some(shift) = &input.shift {
            sum = (sum + shift.as_tensor())?;
        }
        let normed = self.norm.forward(&sum, None)?;
        let kept = dropout(&normed, &mode.dropout(self.dropout))?;
        match &self.project {
            None => Ok(kept),
            Some(project) if self.window_radius == 0 => project.forward(&kept),
            Some(project) => {
                project.forward(&window_concat(&kept, &input.offsets, self.window_radius)?)
            }
        }
    }
}
