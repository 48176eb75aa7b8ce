//! `config.json` to a [`TransformerSpec`] and back, by the keys of its family.

use serde_json::{Map, Value, json};

use super::{FAMILIES, Family, activation};
use crate::{ConfigError, TransformerSpec};

/// The one key that no published configuration has: dropout of the embeddings, where it differs
/// from that of the layers.
pub(crate) const EMBEDDING_DROPOUT: &str = "embedding_dropout_prob";

/// Probability of leaving a layer out, under the key that published models with it have.
pub(crate) const LAYER_DROP: &str = "layerdrop";

/// Settings with which the published models compute something that is not built here.
const UNSUPPORTED: [(&str, Value); 3] = [
    ("is_decoder", Value::Bool(true)),
    ("add_cross_attention", Value::Bool(true)),
    ("is_encoder_decoder", Value::Bool(true)),
];

/// Reads the configuration of a family.
pub(crate) fn read(
    model_type: &str,
    config: &Map<String, Value>,
) -> Result<TransformerSpec, ConfigError> {
    let family = family(model_type)?;
    refuse_unsupported(config)?;
    let (keys, fields) = (&family.keys, Fields(config));
    let hidden_size = fields.size(keys.hidden_size)?;
    let hidden_dropout = fields.number(keys.hidden_dropout, 0.1)?;
    let spec = TransformerSpec {
        family,
        vocab_size: fields.size("vocab_size")?,
        embedding_size: match keys.embedding_size {
            Some(key) => fields.size(key)?,
            None => hidden_size,
        },
        hidden_size,
        num_layers: fields.size(keys.num_layers)?,
        num_attention_heads: fields.size(keys.num_attention_heads)?,
        intermediate_size: fields.size(keys.intermediate_size)?,
        max_position_embeddings: fields.size("max_position_embeddings")?,
        type_vocab_size: fields.optional_size(keys.type_vocab_size, family.type_vocab_size)?,
        window_radius: fields.optional_size(keys.window_radius, 0)?,
        pad_token_id: fields.token("pad_token_id", family.pad_token_id)?,
        activation: fields.activation(keys.activation)?,
        layer_norm_eps: match keys.layer_norm_eps {
            Some(key) => fields.number(key, family.layer_norm_eps)?,
            None => family.layer_norm_eps,
        },
        initializer_range: fields.number("initializer_range", 0.02)?,
        hidden_dropout,
        attention_dropout: fields.number(keys.attention_dropout, 0.1)?,
        embedding_dropout: fields.number(EMBEDDING_DROPOUT, hidden_dropout)?,
        layer_drop: fields.number(LAYER_DROP, 0.0)?,
        published: config.clone(),
    };
    spec.check()?;
    Ok(spec)
}

impl TransformerSpec {
    /// The `config.json` of this encoder: what was published, with the values of now. It names
    /// the bare encoder in `f32`, which is what is saved beside it.
    pub fn config_json(&self) -> Value {
        let (family, keys) = (self.family, &self.family.keys);
        let mut config = self.published.clone();
        let mut set = |key: &str, value: Value| config.insert(key.to_owned(), value);
        set("model_type", json!(family.model_type));
        set("architectures", json!([family.architecture]));
        set("vocab_size", json!(self.vocab_size));
        if let Some(key) = keys.embedding_size {
            set(key, json!(self.embedding_size));
        }
        set(keys.hidden_size, json!(self.hidden_size));
        set(keys.num_layers, json!(self.num_layers));
        set(keys.num_attention_heads, json!(self.num_attention_heads));
        set(keys.intermediate_size, json!(self.intermediate_size));
        set(
            "max_position_embeddings",
            json!(self.max_position_embeddings),
        );
        if let Some(key) = keys.type_vocab_size {
            set(key, json!(self.type_vocab_size));
        }
        if let Some(key) = keys.window_radius {
            set(key, json!(self.window_radius));
        }
        set("pad_token_id", json!(self.pad_token_id));
        set(keys.activation, json!(activation::name_of(self.activation)));
        if let Some(key) = keys.layer_norm_eps {
            set(key, json!(self.layer_norm_eps));
        }
        set("initializer_range", json!(self.initializer_range));
        set(keys.hidden_dropout, json!(self.hidden_dropout));
        set(keys.attention_dropout, json!(self.attention_dropout));
        if self.embedding_dropout != self.hidden_dropout {
            set(EMBEDDING_DROPOUT, json!(self.embedding_dropout));
        } else {
            config.shift_remove(EMBEDDING_DROPOUT);
        }
        if self.layer_drop != 0.0 {
            config.insert(LAYER_DROP.to_owned(), json!(self.layer_drop));
        } else {
            config.shift_remove(LAYER_DROP);
        }
        for key in ["dtype", "torch_dtype"] {
            if let Some(dtype) = config.get_mut(key) {
                *dtype = json!("float32");
            }
        }
        Value::Object(config)
    }
}

fn family(model_type: &str) -> Result<&'static Family, ConfigError> {
    FAMILIES
        .into_iter()
        .find(|family| family.model_type == model_type)
        .ok_or_else(|| {
            let mut known: Vec<_> = FAMILIES.iter().map(|family| family.model_type).collect();
            known.push(crate::mt_net::MODEL_TYPE);
            ConfigError::ModelType {
                found: model_type.to_owned(),
                known: known.join("`, `"),
            }
        })
}

fn refuse_unsupported(config: &Map<String, Value>) -> Result<(), ConfigError> {
    for (key, refused) in &UNSUPPORTED {
        if config.get(*key) == Some(refused) {
            return Err(ConfigError::value(key, refused, "`false`: an encoder"));
        }
    }
    match config.get("position_embedding_type") {
        None | Some(Value::Null) => Ok(()),
        Some(Value::String(kind)) if kind == "absolute" => Ok(()),
        Some(other) => Err(ConfigError::value(
            "position_embedding_type",
            other,
            "`absolute`, the only kind built",
        )),
    }
}

/// Typed access to the values of a configuration; `null` counts as absent.
struct Fields<'a>(&'a Map<String, Value>);

impl Fields<'_> {
    fn get(&self, key: &str) -> Option<&Value> {
        self.0.get(key).filter(|value| !value.is_null())
    }

    fn size(&self, key: &str) -> Result<usize, ConfigError> {
        let value = self.get(key).ok_or_else(|| ConfigError::Missing {
            key: key.to_owned(),
        })?;
        whole(value).ok_or_else(|| ConfigError::value(key, value, "a whole number"))
    }

    fn optional_size(
        &self,
        key: Option<&'static str>,
        default: usize,
    ) -> Result<usize, ConfigError> {
        match key {
            Some(key) if self.get(key).is_some() => self.size(key),
            _ => Ok(default),
        }
    }

    fn token(&self, key: &str, default: u32) -> Result<u32, ConfigError> {
        let Some(value) = self.get(key) else {
            return Ok(default);
        };
        value
            .as_u64()
            .and_then(|id| u32::try_from(id).ok())
            .filter(|&id| id < u32::MAX)
            .ok_or_else(|| ConfigError::value(key, value, "a token id"))
    }

    fn number(&self, key: &str, default: f64) -> Result<f64, ConfigError> {
        let Some(value) = self.get(key) else {
            return Ok(default);
        };
        value
            .as_f64()
            .filter(|number| *number >= 0.0)
            .ok_or_else(|| ConfigError::value(key, value, "a number, at least 0"))
    }

    fn activation(&self, key: &str) -> Result<mtnet_kernels::Activation, ConfigError> {
        let Some(value) = self.get(key) else {
            return Ok(mtnet_kernels::Activation::Gelu);
        };
        value
            .as_str()
            .and_then(activation::from_name)
            .ok_or_else(|| {
                ConfigError::value(key, value, "`gelu`, `gelu_new`, `relu`, `silu` or `tanh`")
            })
    }
}

fn whole(value: &Value) -> Option<usize> {
    value.as_u64().and_then(|size| usize::try_from(size).ok())
}
