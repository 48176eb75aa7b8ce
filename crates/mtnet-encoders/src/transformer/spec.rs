//! The numbers that define a transformer encoder.

use mtnet_kernels::Activation;
use serde_json::{Map, Value};

use crate::error::{MAX_LAYERS, MAX_ROWS, MAX_WIDTH};
use crate::families::Family;
use crate::{ConfigError, families};

/// A post-norm transformer encoder (Vaswani et al. 2017, §3.1; Devlin et al. 2019, §3), with an
/// optional projection of narrower embeddings (Clark et al. 2020, ELECTRA) and an optional window
/// of neighbours in it.
#[derive(Clone, Debug, PartialEq)]
pub struct TransformerSpec {
    /// Whose names its parameters and settings bear.
    pub family: &'static Family,
    /// Rows of the word embedding table.
    pub vocab_size: usize,
    /// Width of the embeddings; where it differs from `hidden_size` they are projected to it.
    pub embedding_size: usize,
    /// Width of the hidden rows.
    pub hidden_size: usize,
    /// Number of layers, at least 1.
    pub num_layers: usize,
    /// Attention heads of a layer, a divisor of `hidden_size`.
    pub num_attention_heads: usize,
    /// Width inside the feed-forward part.
    pub intermediate_size: usize,
    /// Rows of the position table.
    pub max_position_embeddings: usize,
    /// Rows of the segment table, 0 for none. With 1, all segments are the same.
    pub type_vocab_size: usize,
    /// Neighbours to each side that the projection of the embeddings sees, 0 for none.
    pub window_radius: usize,
    /// The token that fills up padded batches. Nothing is padded here, but RoBERTa counts its
    /// positions from behind it.
    pub pad_token_id: u32,
    /// Activation inside the feed-forward part.
    pub activation: Activation,
    /// Added to the variance in layer normalisation.
    pub layer_norm_eps: f64,
    /// Standard deviation of new weights.
    pub initializer_range: f64,
    /// Probability of dropping a number of a sublayer's output.
    pub hidden_dropout: f64,
    /// Probability of dropping an attention weight.
    pub attention_dropout: f64,
    /// Probability of dropping a number of the embeddings.
    pub embedding_dropout: f64,
    /// Probability of leaving a layer out of a training step.
    pub layer_drop: f64,
    /// The published `config.json`, whose other keys are kept when the encoder is saved.
    pub published: Map<String, Value>,
}

impl TransformerSpec {
    /// Refuses sizes that do not fit each other.
    ///
    /// # Errors
    /// If a size is 0 or too large to be meant, the heads do not divide the hidden size, a probability lies
    /// outside `[0, 1)`, or no position is left behind the padding's.
    pub fn check(&self) -> Result<(), ConfigError> {
        let keys = &self.family.keys;
        let embedding_size = keys.embedding_size.unwrap_or(keys.hidden_size);
        for (key, size, limit) in [
            ("vocab_size", self.vocab_size, MAX_ROWS),
            (embedding_size, self.embedding_size, MAX_WIDTH),
            (keys.hidden_size, self.hidden_size, MAX_WIDTH),
            (keys.num_layers, self.num_layers, MAX_LAYERS),
            (
                keys.num_attention_heads,
                self.num_attention_heads,
                MAX_LAYERS,
            ),
            (keys.intermediate_size, self.intermediate_size, MAX_WIDTH),
            (
                "max_position_embeddings",
                self.max_position_embeddings,
                MAX_ROWS,
            ),
            ("type_vocab_size", self.type_vocab_size.max(1), MAX_ROWS),
        ] {
            ConfigError::check_size(key, size, limit)?;
        }
        let probabilities = [
            (keys.hidden_dropout, self.hidden_dropout),
            (keys.attention_dropout, self.attention_dropout),
            (families::EMBEDDING_DROPOUT, self.embedding_dropout),
            (families::LAYER_DROP, self.layer_drop),
        ];
        for (key, probability) in probabilities {
            ConfigError::check_probability(key, probability)?;
        }
        if self.window_radius > 64 {
            return Err(ConfigError::value(
                "window_radius",
                self.window_radius,
                "at most 64",
            ));
        }
        if !self.hidden_size.is_multiple_of(self.num_attention_heads) {
            return Err(ConfigError::Heads {
                hidden_size: self.hidden_size,
                num_attention_heads: self.num_attention_heads,
            });
        }
        if self.max_position_embeddings <= self.position_offset() as usize {
            return Err(ConfigError::value(
                "max_position_embeddings",
                self.max_position_embeddings,
                "more rows than the padding's position, `pad_token_id` + 1",
            ));
        }
        Ok(())
    }

    /// Row of the position table that the first token of a sequence takes.
    pub fn position_offset(&self) -> u32 {
        if self.family.positions_follow_padding {
            self.pad_token_id.saturating_add(1)
        } else {
            0
        }
    }

    /// The longest sequence in tokens.
    pub fn max_length(&self) -> usize {
        self.max_position_embeddings - self.position_offset() as usize
    }

    /// Whether the embeddings pass a linear map to the hidden size.
    pub fn has_projection(&self) -> bool {
        self.embedding_size != self.hidden_size || self.window_radius > 0
    }

    /// The layer of a parameter, as [`Encoder::layer_of`](crate::Encoder::layer_of) counts.
    pub fn layer_of(&self, parameter_name: &str) -> Option<usize> {
        if parameter_name.starts_with("embeddings.")
            || parameter_name.starts_with("embeddings_project.")
        {
            return Some(0);
        }
        let rest = parameter_name.strip_prefix(self.family.names.layers)?;
        let (index, _) = rest.strip_prefix('.')?.split_once('.')?;
        let index: usize = index.parse().ok()?;
        (index < self.num_layers).then_some(index + 1)
    }
}
