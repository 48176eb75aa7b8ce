//! The `[encoder]` table of a run file.

use std::path::PathBuf;

use mtnet_kernels::{Activation, Pooling};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::error::{MAX_LAYERS, MAX_ROWS, MAX_WIDTH};
use crate::{ConfigError, EncoderSpec, InitMethod, Preset};

/// The encoder that all tasks share: `from` a published model, or from scratch by a `preset`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EncoderConfig {
    /// A folder in Hugging Face layout (`config.json`, `tokenizer.json`, `model.safetensors`), or
    /// the hub name of a model in the local hub cache, `owner/name` or `owner/name@revision`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// An encoder from scratch instead.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub preset: Option<Preset>,
    /// How a text's hidden rows become one. Default: what the `1_Pooling` folder of a
    /// sentence-embedding model says; else `first` for a published model and `mean` for a preset,
    /// whose first token means nothing before training.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pooling: Option<Pooling>,
    /// The longest sequence in tokens, special ones included. Default: what the encoder can
    /// read, at most 512.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_length: Option<usize>,
    /// Whether the encoder keeps its weights, so that only heads are trained. Default false.
    #[serde(default)]
    pub freeze: bool,
    /// Keeps the embeddings and this many of the lowest layers; 0 keeps the embeddings alone.
    /// Default: all is trained.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub freeze_layers: Option<usize>,
    /// Probability of dropping a number of a layer's output. Default: as published, 0.1 for a preset.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hidden_dropout: Option<f64>,
    /// Probability of dropping an attention weight. Default: as published, 0.1 for a preset.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub attention_dropout: Option<f64>,
    /// Probability of dropping a number of the embeddings. Default: that of the layers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub embedding_dropout: Option<f64>,
    /// Probability of dropping a whole token, whose word embedding then reads as zero, in
    /// `mt-net-window`. Default 0.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token_dropout: Option<f64>,
    /// Probability of leaving a layer out of a training step. Default 0.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub layer_drop: Option<f64>,
    /// How the weights of a preset are drawn. Default `from-config`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub init: Option<InitMethod>,
    /// Standard deviation of a preset's new weights under `from-config` (of embeddings alone for
    /// MT-Net) and `truncated-normal`. Default: the preset's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub init_std: Option<f64>,
    /// Divides the maps that end a preset's residual branches by the root of how many there are, so
    /// that a deep encoder starts as calm as a shallow one. Default false.
    #[serde(default, skip_serializing_if = "is_false")]
    pub residual_scaled_init: bool,
    /// Uses only this many of a published model's layers, from the bottom. Default: all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub layers: Option<usize>,
    /// Word vectors that a preset's embeddings start from: a word2vec or GloVe text file, a
    /// word2vec `.bin` file, or a folder with `model.safetensors` and `vocab.txt`. Default: random.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub word_vectors: Option<PathBuf>,
    /// Scales the word vectors to this standard deviation. Default: as they are.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub word_vectors_std: Option<f64>,
    /// Adds this many columns to a preset's embeddings, which start from how a word is written:
    /// 5 from its shape and the others from its letters, so that words of one stem or ending start alike.
    /// Default 0.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub spelling_size: Option<usize>,
    /// Whether the layers of `mt-net-window` above the first also read the mean of their text.
    /// Default false.
    #[serde(default, skip_serializing_if = "is_false")]
    pub global_context: bool,
    /// Width of a preset's hidden rows. Default: the preset's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hidden_size: Option<usize>,
    /// Layers of a preset, without MT-Net's window layers. Default: the preset's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub num_layers: Option<usize>,
    /// Attention heads of a transformer preset. Default 4.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub num_attention_heads: Option<usize>,
    /// Feed-forward width of a transformer preset. Default: 4 times the hidden size.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub intermediate_size: Option<usize>,
    /// Width of a preset's embeddings without `spelling_size`. Default: that of the word vectors, else the preset's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub embedding_size: Option<usize>,
    /// Neighbours to each side that a window layer of MT-Net sees; for a transformer preset, that
    /// the projection of its embeddings sees. Default: 2 for MT-Net, 0 for a transformer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub window_radius: Option<usize>,
    /// Window layers of MT-Net. Default 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub num_window_layers: Option<usize>,
    /// Activation of a preset's layers. Default `gelu`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub activation: Option<Activation>,
}

impl EncoderConfig {
    /// Refuses what no file could make right.
    ///
    /// # Errors
    /// If not exactly one of `from` and `preset` is given, a key has no effect with the one that
    /// is, or a value is out of range.
    pub fn check(&self) -> Result<(), ConfigError> {
        self.check_ranges()?;
        match (&self.from, self.preset) {
            (Some(from), None) => self.check_for_published(from),
            (None, Some(preset)) => self.check_for_preset(preset),
            (Some(_), Some(_)) => Err(ConfigError::Source { found: "both" }),
            (None, None) => Err(ConfigError::Source { found: "none of" }),
        }
    }

    /// Whether a parameter of the encoder keeps its value in training.
    pub fn is_frozen(&self, spec: &EncoderSpec, parameter_name: &str) -> bool {
        match (spec.layer_of(parameter_name), self.freeze_layers) {
            (None, _) => false,
            (Some(_), _) if self.freeze => true,
            (Some(layer), Some(frozen)) => layer <= frozen,
            (Some(_), None) => false,
        }
    }

    fn check_ranges(&self) -> Result<(), ConfigError> {
        for (key, probability) in [
            ("hidden_dropout", self.hidden_dropout),
            ("attention_dropout", self.attention_dropout),
            ("embedding_dropout", self.embedding_dropout),
            ("token_dropout", self.token_dropout),
            ("layer_drop", self.layer_drop),
        ] {
            if let Some(probability) = probability {
                ConfigError::check_probability(key, probability)?;
            }
        }
        for (key, size, limit) in self.sizes() {
            if let Some(size) = size {
                ConfigError::check_size(key, size, limit)?;
            }
        }
        if let Some(std) = self.init_std {
            if !(std > 0.0 && std.is_finite()) {
                return Err(ConfigError::value("init_std", std, "a number above 0"));
            }
            let method = self.init.unwrap_or_default();
            if !matches!(method, InitMethod::FromConfig | InitMethod::TruncatedNormal) {
                return Err(ConfigError::Unused {
                    key: "init_std",
                    source_key: format!("`init = \"{}\"`", method.as_str()),
                    remedy: "remove it: this initialiser takes the deviation from the sizes",
                });
            }
        }
        if let Some(length @ 0..3) = self.max_length {
            let expected = "at least 3, two special tokens and one of the text";
            return Err(ConfigError::value("max_length", length, expected));
        }
        match self.word_vectors_std {
            Some(deviation) if !(deviation > 0.0 && deviation.is_finite()) => {
                let expected = "a number above 0";
                Err(ConfigError::value("word_vectors_std", deviation, expected))
            }
            Some(_) if self.word_vectors.is_none() => Err(ConfigError::Unused {
                key: "word_vectors_std",
                source_key: "random embeddings".to_owned(),
                remedy: "give `word_vectors`, or remove it",
            }),
            _ => Ok(()),
        }
    }

    fn sizes(&self) -> [(&'static str, Option<usize>, usize); 9] {
        [
            ("hidden_size", self.hidden_size, MAX_WIDTH),
            ("num_layers", self.num_layers, MAX_LAYERS),
            ("num_attention_heads", self.num_attention_heads, MAX_LAYERS),
            ("num_window_layers", self.num_window_layers, MAX_LAYERS),
            ("intermediate_size", self.intermediate_size, MAX_WIDTH),
            ("embedding_size", self.embedding_size, MAX_WIDTH),
            ("spelling_size", self.spelling_size, MAX_WIDTH),
            ("layers", self.layers, MAX_LAYERS),
            ("max_length", self.max_length, MAX_ROWS),
        ]
    }

    fn check_for_published(&self, from: &str) -> Result<(), ConfigError> {
        let given = [
            ("hidden_size", self.hidden_size.is_some()),
            ("num_layers", self.num_layers.is_some()),
            ("num_attention_heads", self.num_attention_heads.is_some()),
            ("intermediate_size", self.intermediate_size.is_some()),
            ("embedding_size", self.embedding_size.is_some()),
            ("window_radius", self.window_radius.is_some()),
            ("num_window_layers", self.num_window_layers.is_some()),
            ("activation", self.activation.is_some()),
            ("word_vectors", self.word_vectors.is_some()),
            ("spelling_size", self.spelling_size.is_some()),
            ("global_context", self.global_context),
            ("init", self.init.is_some()),
            ("init_std", self.init_std.is_some()),
            ("residual_scaled_init", self.residual_scaled_init),
        ];
        unused(
            &given,
            || format!("`from = \"{from}\"`"),
            "remove it: a published model has its sizes and weights (`layers` uses fewer of its layers)",
        )
    }

    fn check_for_preset(&self, preset: Preset) -> Result<(), ConfigError> {
        let name = || format!("`preset = \"{}\"`", preset.as_str());
        unused(
            &[("layers", self.layers.is_some())],
            name,
            "set `num_layers` instead",
        )?;
        if preset == Preset::MtNetWindow {
            let given = [
                ("num_attention_heads", self.num_attention_heads.is_some()),
                ("intermediate_size", self.intermediate_size.is_some()),
                ("attention_dropout", self.attention_dropout.is_some()),
            ];
            unused(&given, name, "remove it: MT-Net has no attention")
        } else {
            let given = [("num_window_layers", self.num_window_layers.is_some())];
            let remedy = "remove it: a transformer has one window at most, set by `window_radius`";
            unused(&given, name, remedy)?;
            let given = [
                ("token_dropout", self.token_dropout.is_some()),
                ("global_context", self.global_context),
            ];
            unused(&given, name, "remove it: only `mt-net-window` has it")
        }
    }
}

fn is_false(value: &bool) -> bool {
    !value
}

fn unused(
    given: &[(&'static str, bool)],
    source_key: impl Fn() -> String,
    remedy: &'static str,
) -> Result<(), ConfigError> {
    match given.iter().find(|(_, given)| *given) {
        None => Ok(()),
        Some(&(key, _)) => Err(ConfigError::Unused {
            key,
            source_key: source_key(),
            remedy,
        }),
    }
}
