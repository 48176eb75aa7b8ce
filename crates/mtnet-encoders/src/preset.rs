//! Encoders from scratch, by name.

use mtnet_kernels::Activation;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Map;

use crate::{
    BERT, ConfigError, ELECTRA, EncoderConfig, EncoderSpec, MT_NET_TRANSFORMER, MtNetConfig,
    TransformerSpec,
};

/// A named encoder whose weights start at random. Each of its sizes can be overridden.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Preset {
    /// A transformer of 2 layers, width 128, 4 heads and feed-forward width 512: the size of
    /// BERT-Tiny (Turc et al. 2019) with twice its heads.
    MtNetMini,
    /// A transformer of 4 layers, width 256, 4 heads and feed-forward width 1024: the size of
    /// BERT-Mini (Turc et al. 2019).
    MtNetSmall,
    /// MT-Net: embeddings of width 128, one layer of width 256 over 2 neighbours to each side, one
    /// layer above it.
    MtNetWindow,
}

impl Preset {
    /// The name in a run file.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::MtNetMini => "mt-net-mini",
            Self::MtNetSmall => "mt-net-small",
            Self::MtNetWindow => "mt-net-window",
        }
    }

    /// The specification with the sizes that `config` overrides, for a vocabulary of `vocab_size`
    /// whose padding token is `pad_token_id`. Embeddings that start from word vectors take their
    /// width, `vector_size`, unless `config` states it; columns for the spelling come on top.
    ///
    /// A transformer takes the simplest family that can hold it, so that other libraries read it
    /// where they can: BERT, ELECTRA if the embeddings have a width of their own, and MT-Net's own
    /// if they pass a window.
    ///
    /// # Errors
    /// If the sizes do not fit each other.
    pub fn spec(
        self,
        config: &EncoderConfig,
        vocab_size: usize,
        pad_token_id: u32,
        vector_size: Option<usize>,
    ) -> Result<EncoderSpec, ConfigError> {
        let spelling = config.spelling_size.unwrap_or(0);
        let embedding_size = match config.embedding_size.or(vector_size) {
            None if spelling > 0 => Some(self.embedding_size(config) + spelling),
            None => None,
            Some(size) => Some(size + spelling),
        };
        let spec = match self {
            Self::MtNetMini => {
                transformer(config, 2, 128, embedding_size, vocab_size, pad_token_id)
            }
            Self::MtNetSmall => {
                transformer(config, 4, 256, embedding_size, vocab_size, pad_token_id)
            }
            Self::MtNetWindow => EncoderSpec::MtNet(MtNetConfig {
                vocab_size,
                embedding_size: embedding_size.unwrap_or_else(|| self.embedding_size(config)),
                hidden_size: config.hidden_size.unwrap_or(256),
                window_radius: config.window_radius.unwrap_or(2),
                num_window_layers: config.num_window_layers.unwrap_or(1),
                num_hidden_layers: config.num_layers.unwrap_or(1),
                type_vocab_size: 2,
                hidden_act: config.activation.unwrap_or(Activation::Gelu),
                hidden_dropout_prob: config.hidden_dropout.unwrap_or(0.1),
                embedding_dropout_prob: config
                    .embedding_dropout
                    .or(config.hidden_dropout)
                    .unwrap_or(0.1),
                token_dropout_prob: config.token_dropout.unwrap_or(0.0),
                global_context: config.global_context,
                layer_drop_prob: config.layer_drop.unwrap_or(0.0),
                layer_norm_eps: 1e-5,
                initializer_range: 0.1,
                max_length: config.max_length.unwrap_or(0).max(512),
            }),
        };
        spec.check()?;
        Ok(spec)
    }

    /// Width of the embeddings where nothing states one.
    pub(crate) fn embedding_size(self, config: &EncoderConfig) -> usize {
        match self {
            Self::MtNetWindow => 128,
            Self::MtNetMini => config.hidden_size.unwrap_or(128),
            Self::MtNetSmall => config.hidden_size.unwrap_or(256),
        }
    }
}

fn transformer(
    config: &EncoderConfig,
    num_layers: usize,
    hidden_size: usize,
    embedding_size: Option<usize>,
    vocab_size: usize,
    pad_token_id: u32,
) -> EncoderSpec {
    let hidden_size = config.hidden_size.unwrap_or(hidden_size);
    let embedding_size = embedding_size.unwrap_or(hidden_size);
    let window_radius = config.window_radius.unwrap_or(0);
    let hidden_dropout = config.hidden_dropout.unwrap_or(0.1);
    let family = if window_radius > 0 {
        &MT_NET_TRANSFORMER
    } else if embedding_size != hidden_size {
        &ELECTRA
    } else {
        &BERT
    };
    EncoderSpec::Transformer(TransformerSpec {
        family,
        vocab_size,
        embedding_size,
        hidden_size,
        num_layers: config.num_layers.unwrap_or(num_layers),
        num_attention_heads: config.num_attention_heads.unwrap_or(4),
        intermediate_size: config.intermediate_size.unwrap_or(4 * hidden_size),
        max_position_embeddings: config.max_length.unwrap_or(0).max(512),
        type_vocab_size: 2,
        window_radius,
        pad_token_id,
        activation: config.activation.unwrap_or(Activation::Gelu),
        layer_norm_eps: 1e-12,
        initializer_range: 0.02,
        hidden_dropout,
        attention_dropout: config.attention_dropout.unwrap_or(0.1),
        embedding_dropout: config.embedding_dropout.unwrap_or(hidden_dropout),
        layer_drop: config.layer_drop.unwrap_or(0.0),
        published: Map::new(),
    })
}
