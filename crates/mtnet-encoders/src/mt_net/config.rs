//! The sizes of an MT-Net.

use mtnet_kernels::Activation;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::ConfigError;
use crate::error::{MAX_LAYERS, MAX_ROWS, MAX_WIDTH};

/// `model_type` of its `config.json`.
pub(crate) const MODEL_TYPE: &str = "mt-net";

/// The origin's own network: an embedding layer and fully connected layers that all tasks share.
///
/// Each window layer reads a token with `window_radius` neighbours to either side, so
/// `num_window_layers` of them see `num_window_layers · window_radius` tokens around it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MtNetConfig {
    /// Rows of the word embedding table.
    pub vocab_size: usize,
    /// Width of the embeddings.
    pub embedding_size: usize,
    /// Width of the layers.
    pub hidden_size: usize,
    /// Neighbours to each side that a window layer sees. Default 2.
    #[serde(default = "two")]
    pub window_radius: usize,
    /// Layers that see the neighbours. Default 1.
    #[serde(default = "one")]
    pub num_window_layers: usize,
    /// Layers above them that see the token alone. Default 1.
    #[serde(default = "one")]
    pub num_hidden_layers: usize,
    /// Rows of the table that tells the two texts of a pair apart, 0 for none. Default 2.
    #[serde(default = "two")]
    pub type_vocab_size: usize,
    /// Activation of the layers. Default `gelu`.
    #[serde(default = "gelu")]
    pub hidden_act: Activation,
    /// Probability of dropping a number of a layer's output. Default 0.1.
    #[serde(default = "tenth")]
    pub hidden_dropout_prob: f64,
    /// Probability of dropping a number of the embeddings. Default 0.1.
    #[serde(default = "tenth")]
    pub embedding_dropout_prob: f64,
    /// Probability of dropping a whole token: its word embedding reads as zero. Default 0.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub token_dropout_prob: f64,
    /// Whether the layers above the first also read the mean row of their text. Default false.
    #[serde(default, skip_serializing_if = "is_false")]
    pub global_context: bool,
    /// Probability of leaving a layer that keeps its width out of a training step. Default 0.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub layer_drop_prob: f64,
    /// Added to the variance in layer normalisation. Default 1e-5.
    #[serde(default = "small")]
    pub layer_norm_eps: f64,
    /// Standard deviation of new embeddings. Default 0.1.
    #[serde(default = "tenth")]
    pub initializer_range: f64,
    /// The longest sequence in tokens; it costs nothing, since there are no positions. Default 512.
    #[serde(default = "max_length")]
    pub max_length: usize,
}

impl MtNetConfig {
    /// Refuses sizes that do not make a network.
    ///
    /// # Errors
    /// If a size is 0 or too large to be meant, there is no layer, or a probability lies outside `[0, 1)`.
    pub fn check(&self) -> Result<(), ConfigError> {
        for (key, size, limit) in [
            ("vocab_size", self.vocab_size, MAX_ROWS),
            ("embedding_size", self.embedding_size, MAX_WIDTH),
            ("hidden_size", self.hidden_size, MAX_WIDTH),
            (
                "num_window_layers",
                self.num_window_layers.max(1),
                MAX_LAYERS,
            ),
            (
                "num_hidden_layers",
                self.num_hidden_layers.max(1),
                MAX_LAYERS,
            ),
            ("type_vocab_size", self.type_vocab_size.max(1), MAX_ROWS),
            ("max_length", self.max_length, MAX_ROWS),
        ] {
            ConfigError::check_size(key, size, limit)?;
        }
        for (key, probability) in [
            ("hidden_dropout_prob", self.hidden_dropout_prob),
            ("embedding_dropout_prob", self.embedding_dropout_prob),
            ("token_dropout_prob", self.token_dropout_prob),
            ("layer_drop_prob", self.layer_drop_prob),
        ] {
            ConfigError::check_probability(key, probability)?;
        }
        if self.window_radius > 64 {
            let expected = "at most 64";
            return Err(ConfigError::value(
                "window_radius",
                self.window_radius,
                expected,
            ));
        }
        if self.layers() == 0 {
            let expected = "at least 1 where `num_window_layers` is 0";
            return Err(ConfigError::value("num_hidden_layers", 0, expected));
        }
        Ok(())
    }

    /// How many layers there are, of both kinds.
    pub fn layers(&self) -> usize {
        self.num_window_layers + self.num_hidden_layers
    }

    /// Width of the rows that layer `index` takes: those of the layer below.
    pub fn layer_width(&self, index: usize) -> usize {
        match index {
            0 => self.embedding_size,
            _ => self.hidden_size,
        }
    }

    /// Neighbours to each side that layer `index` sees.
    pub fn layer_radius(&self, index: usize) -> usize {
        match index < self.num_window_layers {
            true => self.window_radius,
            false => 0,
        }
    }

    /// Whether layer `index` also reads the mean row of its text.
    pub fn layer_reads_text(&self, index: usize) -> bool {
        self.global_context && index > 0
    }

    /// The layer of a parameter, as [`Encoder::layer_of`](crate::Encoder::layer_of) counts.
    pub fn layer_of(&self, parameter_name: &str) -> Option<usize> {
        if parameter_name.starts_with("embeddings.") {
            return Some(0);
        }
        let (index, _) = parameter_name.strip_prefix("layers.")?.split_once('.')?;
        let index: usize = index.parse().ok()?;
        (index < self.layers()).then_some(index + 1)
    }

    /// The `config.json` of this network.
    pub fn config_json(&self) -> Value {
        let mut config = json!({ "model_type": MODEL_TYPE });
        if let (Value::Object(config), Ok(Value::Object(fields))) =
            (&mut config, serde_json::to_value(self))
        {
            config.extend(fields);
        }
        config
    }
}

fn is_false(value: &bool) -> bool {
    !value
}

fn is_zero(probability: &f64) -> bool {
    *probability == 0.0
}

fn one() -> usize {
    1
}

fn two() -> usize {
    2
}

fn tenth() -> f64 {
    0.1
}

fn small() -> f64 {
    1e-5
}

fn gelu() -> Activation {
    Activation::Gelu
}

fn max_length() -> usize {
    512
}
