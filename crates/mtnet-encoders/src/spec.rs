//! What an encoder is built from, of whichever kind, and the list of its parameters.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use candle_core::{DType, Device, Result as TensorResult, Shape, Tensor};
use candle_nn::var_builder::{SimpleBackend, VarBuilder};
use candle_nn::{Init, init};
use serde_json::Value;

use crate::families;
use crate::mt_net::MODEL_TYPE;
use crate::{ConfigError, Encoder, EncoderError, MtNet, MtNetConfig, Transformer, TransformerSpec};

/// The sizes and settings of an encoder, checked.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum EncoderSpec {
    /// A transformer of some family.
    Transformer(TransformerSpec),
    /// Embeddings and shared fully connected layers.
    MtNet(MtNetConfig),
}

impl EncoderSpec {
    /// Reads a `config.json` of a published or a saved encoder.
    ///
    /// # Errors
    /// If a size is missing or of no use, or the model is of a kind that is not built.
    pub fn from_config_json(config: &Value) -> Result<Self, ConfigError> {
        let Value::Object(fields) = config else {
            return Err(ConfigError::NotAnObject {
                found: kind_of(config).to_owned(),
            });
        };
        let model_type = match fields.get("model_type") {
            Some(Value::String(model_type)) => model_type,
            Some(other) => return Err(ConfigError::value("model_type", other, "text")),
            None => {
                let key = "model_type".to_owned();
                return Err(ConfigError::Missing { key });
            }
        };
        if model_type != MODEL_TYPE {
            return families::read(model_type, fields).map(Self::Transformer);
        }
        let mut fields = fields.clone();
        fields.shift_remove("model_type");
        let config: MtNetConfig =
            serde_json::from_value(Value::Object(fields)).map_err(|error| ConfigError::Keys {
                problem: error.to_string(),
            })?;
        config.check()?;
        Ok(Self::MtNet(config))
    }

    /// The `config.json` that [`from_config_json`](Self::from_config_json) reads back.
    pub fn config_json(&self) -> Value {
        match self {
            Self::Transformer(spec) => spec.config_json(),
            Self::MtNet(config) => config.config_json(),
        }
    }

    /// Refuses sizes that do not fit each other.
    ///
    /// # Errors
    /// As [`TransformerSpec::check`] and [`MtNetConfig::check`].
    pub fn check(&self) -> Result<(), ConfigError> {
        match self {
            Self::Transformer(spec) => spec.check(),
            Self::MtNet(config) => config.check(),
        }
    }

    /// Rows of the word embedding table.
    pub fn vocab_size(&self) -> usize {
        match self {
            Self::Transformer(spec) => spec.vocab_size,
            Self::MtNet(config) => config.vocab_size,
        }
    }

    /// Width of a hidden row.
    pub fn hidden_size(&self) -> usize {
        match self {
            Self::Transformer(spec) => spec.hidden_size,
            Self::MtNet(config) => config.hidden_size,
        }
    }

    /// The longest sequence in tokens.
    pub fn max_length(&self) -> usize {
        match self {
            Self::Transformer(spec) => spec.max_length(),
            Self::MtNet(config) => config.max_length,
        }
    }

    /// How many layers lie above the embeddings.
    pub fn layers(&self) -> usize {
        match self {
            Self::Transformer(spec) => spec.num_layers,
            Self::MtNet(config) => config.layers(),
        }
    }

    /// The layer of a parameter, as [`Encoder::layer_of`] counts.
    pub fn layer_of(&self, parameter_name: &str) -> Option<usize> {
        match self {
            Self::Transformer(spec) => spec.layer_of(parameter_name),
            Self::MtNet(config) => config.layer_of(parameter_name),
        }
    }

    /// Name and shape of every parameter, in the order of the names. Nothing is allocated for them.
    ///
    /// # Errors
    /// None that a checked specification could cause.
    pub fn parameters(&self) -> Result<BTreeMap<String, Vec<usize>>, EncoderError> {
        let recorder = ShapeRecorder::default();
        build_encoder(self, recorder.builder())?;
        Ok(recorder.shapes())
    }
}

/// Builds an encoder whose parameters are made by `vb`, or read where `vb` is a checkpoint, under
/// their published names.
///
/// # Errors
/// If the specification does not hold together, or the checkpoint lacks a parameter or holds it in
/// another shape.
pub fn build_encoder(spec: &EncoderSpec, vb: VarBuilder) -> Result<Box<dyn Encoder>, EncoderError> {
    spec.check().map_err(EncoderError::Spec)?;
    Ok(match spec {
        EncoderSpec::Transformer(spec) => Box::new(Transformer::new(spec, vb)?),
        EncoderSpec::MtNet(config) => Box::new(MtNet::new(config, vb)?),
    })
}

fn kind_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "text",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    }
}

/// Notes what is asked for, and answers with one number seen as that shape.
#[derive(Clone, Debug, Default)]
pub struct ShapeRecorder(Arc<Mutex<BTreeMap<String, Vec<usize>>>>);

impl ShapeRecorder {
    /// A builder whose parameters are recorded here.
    pub fn builder(&self) -> VarBuilder<'static> {
        VarBuilder::from_backend(Box::new(self.clone()), DType::F32, Device::Cpu)
    }

    /// Names and shapes of everything that was asked for.
    pub fn shapes(&self) -> BTreeMap<String, Vec<usize>> {
        let shapes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        shapes.clone()
    }
}

impl SimpleBackend for ShapeRecorder {
    fn get(
        &self,
        shape: Shape,
        name: &str,
        _: Init,
        dtype: DType,
        device: &Device,
    ) -> TensorResult<Tensor> {
        let mut shapes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        shapes.insert(name.to_owned(), shape.dims().to_vec());
        Tensor::zeros((), dtype, device)?.broadcast_as(shape)
    }

    fn get_unchecked(&self, name: &str, dtype: DType, device: &Device) -> TensorResult<Tensor> {
        self.get(Shape::from(()), name, init::ZERO, dtype, device)
    }

    fn contains_tensor(&self, _: &str) -> bool {
        true
    }
}
