//! The network: `x₀ = dropout(word + type)`, `xᵢ₊₁ = norm(dropout(act(W · window(xᵢ) + b)) + xᵢ)`.
//!
//! A shared embedding with shared fully connected layers is the hard sharing of Caruana 1997
//! (Machine Learning 28, §1.2); so that one network can tag as well as classify, its layers read
//! each token with its neighbours (the window approach of Collobert et al. 2011, JMLR 12, §3.3.1).
//! The residual is left out where the width changes, and the window has radius 0 in the upper
//! layers. With `global_context`, the layers above the first read the mean row of their text beside
//! the window, as the equivariant layers of Deep Sets do (Zaheer et al. 2017, NeurIPS 30, §2.2): then a
//! tag may depend on what the whole text is about. New weights are drawn for the activation (He et al. 2015).

use std::fmt;

use candle_core::{DType, Result, Tensor};
use candle_nn::VarBuilder;
use candle_nn::init::DEFAULT_KAIMING_NORMAL;
use mtnet_kernels::{Mode, Pooling, dropout, embedding, segment_pool, window_concat};

use super::MtNetConfig;
use crate::layers::{LayerNorm, Linear, embedding_table};
use crate::pass::{GraphPass, TableRows};
use crate::{Encoder, EncoderInput, EncoderPass};

/// An MT-Net encoder.
pub struct MtNet {
    config: MtNetConfig,
    words: Tensor,
    types: Option<Tensor>,
    layers: Vec<Layer>,
}

struct Layer {
    dense: Linear,
    norm: LayerNorm,
    radius: usize,
    reads_text: bool,
    residual: bool,
}

impl MtNet {
    /// Makes the parameters under `vb`, or reads them where `vb` is a checkpoint.
    ///
    /// # Errors
    /// If the checkpoint lacks one of them or holds it in another shape.
    pub fn new(config: &MtNetConfig, vb: VarBuilder) -> Result<Self> {
        let (width, deviation) = (config.embedding_size, config.initializer_range);
        let tables = vb.pp("embeddings");
        let table = |rows, name| embedding_table(rows, width, deviation, tables.pp(name));
        let types = match config.type_vocab_size {
            0 => None,
            rows => Some(table(rows, "token_type_embeddings")?),
        };
        let layers = (0..config.layers())
            .map(|index| Layer::new(config, index, vb.pp("layers").pp(index)))
            .collect::<Result<_>>()?;
        Ok(Self {
            config: config.clone(),
            words: table(config.vocab_size, "word_embeddings")?,
            types,
            layers,
        })
    }

    /// From the rows of the words `(tokens, embedding)` to the hidden rows.
    fn above_words(&self, words: Tensor, input: &EncoderInput, mode: &Mode) -> Result<Tensor> {
        let mut x = self.embed(words, input, mode)?;
        let mode = mode.child("layers");
        for (index, layer) in self.layers.iter().enumerate() {
            let (mode, p) = (mode.at(index as u64), self.config.hidden_dropout_prob);
            if !(layer.residual && mode.leaves_out(self.config.layer_drop_prob)) {
                x = layer.forward(&x, input, &mode, p)?;
            }
        }
        Ok(x)
    }

    fn embed(&self, words: Tensor, input: &EncoderInput, mode: &Mode) -> Result<Tensor> {
        let mode = mode.child("embeddings");
        let mut x = words;
        if let Some(kept) = self.kept_tokens(&x, &mode)? {
            x = x.broadcast_mul(&kept)?;
        }
        if let Some(types) = &self.types {
            let type_ids = match self.config.type_vocab_size {
                1 => input.type_ids.zeros_like()?,
                _ => input.type_ids.clone(),
            };
            x = (x + embedding(types, &type_ids)?)?;
        }
        if let Some(shift) = &input.shift {
            x = (x + shift.as_tensor())?;
        }
        let probability = self.config.embedding_dropout_prob;
        dropout(&x, &mode.dropout(probability))
    }

    /// 1 for each token of `x` that is kept, 0 for one that is dropped, `(tokens, 1)`; `None` where
    /// all are.
    fn kept_tokens(&self, x: &Tensor, mode: &Mode) -> Result<Option<Tensor>> {
        let drops = mode.child("tokens").dropout(self.config.token_dropout_prob);
        if drops.is_none() {
            return Ok(None);
        }
        let ones = Tensor::ones((x.dim(0)?, 1), DType::F32, x.device())?;
        let kept = dropout(&ones, &drops)?.gt(0.0)?;
        kept.to_dtype(x.dtype()).map(Some)
    }
}

impl Layer {
    fn new(config: &MtNetConfig, index: usize, vb: VarBuilder) -> Result<Self> {
        let (width, radius) = (config.layer_width(index), config.layer_radius(index));
        let reads_text = config.layer_reads_text(index);
        Ok(Self {
            dense: Linear::new(
                (2 * radius + 1 + usize::from(reads_text)) * width,
                config.hidden_size,
                config.hidden_act,
                DEFAULT_KAIMING_NORMAL,
                vb.pp("dense"),
            )?,
            norm: LayerNorm::new(
                config.hidden_size,
                config.layer_norm_eps,
                vb.pp("LayerNorm"),
            )?,
            radius,
            reads_text,
            residual: width == config.hidden_size,
        })
    }

    fn forward(&self, x: &Tensor, input: &EncoderInput, mode: &Mode, p: f64) -> Result<Tensor> {
        let mut seen = match self.radius {
            0 => x.clone(),
            radius => window_concat(x, &input.offsets, radius)?,
        };
        if self.reads_text {
            seen = Tensor::cat(&[&seen, &text_rows(x, input)?], 1)?;
        }
        let y = dropout(&self.dense.forward(&seen)?, &mode.dropout(p))?;
        self.norm.forward(&y, self.residual.then_some(x))
    }
}

/// For each token the mean row of its text, `(tokens, width)`.
fn text_rows(x: &Tensor, input: &EncoderInput) -> Result<Tensor> {
    let means = segment_pool(x, &input.offsets, Pooling::Mean)?;
    let text_of_token: Vec<u32> = (0u32..)
        .zip(input.offsets.ranges())
        .flat_map(|(text, tokens)| tokens.map(move |_| text))
        .collect();
    embedding(&means, &Tensor::new(text_of_token, x.device())?)
}

impl Encoder for MtNet {
    fn forward(&self, input: &EncoderInput, mode: &Mode) -> Result<Tensor> {
        input.check_length(self.config.max_length)?;
        self.above_words(embedding(&self.words, &input.input_ids)?, input, mode)
    }

    fn pass(&self, input: &EncoderInput, mode: &Mode) -> Result<Box<dyn EncoderPass>> {
        let shift = input.shift.clone();
        if !self.words.is_variable() {
            let graph = self.forward(input, mode)?;
            return Ok(Box::new(GraphPass::new(graph, shift)));
        }
        input.check_length(self.config.max_length)?;
        let read = TableRows::read(&self.words, &input.input_ids)?;
        let graph = self.above_words(read.rows().clone(), input, mode)?;
        Ok(Box::new(GraphPass::new(graph, shift).above(read)))
    }

    fn hidden_size(&self) -> usize {
        self.config.hidden_size
    }

    fn embedding_size(&self) -> usize {
        self.config.embedding_size
    }

    fn max_length(&self) -> usize {
        self.config.max_length
    }

    fn layers(&self) -> usize {
        self.layers.len()
    }

    fn layer_of(&self, parameter_name: &str) -> Option<usize> {
        self.config.layer_of(parameter_name)
    }

    fn config_json(&self) -> serde_json::Value {
        self.config.config_json()
    }
}

impl fmt::Debug for MtNet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MtNet")
            .field("config", &self.config)
            .finish_non_exhaustive()
    }
}
