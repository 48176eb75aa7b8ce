//! What can be wrong with a configuration, a folder or a file of vectors.

use std::fmt::Display;
use std::path::{Path, PathBuf};

use mtnet_kernels::Precision;

use crate::{TensorProblems, WordVectorsProblem};

/// Why an `[encoder]` table or a `config.json` does not describe an encoder.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ConfigError {
    /// The configuration is no JSON object.
    #[error("expected a JSON object, found {found}")]
    NotAnObject {
        /// What it is.
        found: String,
    },
    /// A key without which the encoder is not defined.
    #[error("key `{key}` is missing")]
    Missing {
        /// The key.
        key: String,
    },
    /// A value out of range or of another type.
    #[error("key `{key}` is {found}, expected {expected}")]
    Value {
        /// The key.
        key: String,
        /// Its value.
        found: String,
        /// What it may be.
        expected: String,
    },
    /// Keys that are unknown, missing or of another type in a configuration of our own.
    #[error("{problem}")]
    Keys {
        /// Which key, and what was expected.
        problem: String,
    },
    /// A family that is not built.
    #[error("model_type `{found}` is not supported, expected one of `{known}`")]
    ModelType {
        /// The type as given.
        found: String,
        /// The types that are.
        known: String,
    },
    /// Heads of unequal width.
    #[error("{num_attention_heads} attention heads do not divide the hidden size {hidden_size}")]
    Heads {
        /// Width of the hidden rows.
        hidden_size: usize,
        /// Heads of a layer.
        num_attention_heads: usize,
    },
    /// Neither or both of `from` and `preset`.
    #[error("{found} `from` and `preset` are given, expected exactly one of them")]
    Source {
        /// `both` or `none of`.
        found: &'static str,
    },
    /// A key that would change nothing.
    #[error("key `{key}` has no effect with {source_key}; {remedy}")]
    Unused {
        /// The key.
        key: &'static str,
        /// The setting that makes it so.
        source_key: String,
        /// What to do.
        remedy: &'static str,
    },
}

impl ConfigError {
    pub(crate) fn value(key: &str, found: impl Display, expected: impl Into<String>) -> Self {
        Self::Value {
            key: key.to_owned(),
            found: found.to_string(),
            expected: expected.into(),
        }
    }

    /// Refuses a size of 0, and one so large that it can only be a mistake.
    pub(crate) fn check_size(key: &str, size: usize, limit: usize) -> Result<(), Self> {
        if (1..=limit).contains(&size) {
            Ok(())
        } else {
            Err(Self::value(key, size, format!("between 1 and {limit}")))
        }
    }

    pub(crate) fn check_probability(key: &str, probability: f64) -> Result<(), Self> {
        if (0.0..1.0).contains(&probability) {
            Ok(())
        } else {
            let expected = "a probability, at least 0 and below 1";
            Err(Self::value(key, probability, expected))
        }
    }
}

/// The most rows of a table: tokens of a vocabulary, positions.
pub(crate) const MAX_ROWS: usize = 1 << 24;
/// The widest layer.
pub(crate) const MAX_WIDTH: usize = 1 << 17;
/// The most layers, or heads of a layer.
pub(crate) const MAX_LAYERS: usize = 1 << 10;

/// A precision that an encoder cannot have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "this encoder cannot compute in {precision}; transformers on a CPU can (published encoders, \
     mt-net-mini and mt-net-small), while mt-net-window encoders and other devices take f32 only"
)]
pub struct PrecisionError {
    /// What was asked for.
    pub precision: Precision,
}

/// Why an encoder could not be found, read or built.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EncoderError {
    /// The `[encoder]` table is wrong.
    #[error("in the table `[encoder]`")]
    Settings(#[source] ConfigError),
    /// A specification made in code is wrong.
    #[error("the encoder's specification does not hold together")]
    Spec(#[source] ConfigError),
    /// A `config.json` is wrong.
    #[error("in `{path}`", path = path.display())]
    Config {
        /// The file.
        path: PathBuf,
        /// What is wrong in it.
        #[source]
        source: ConfigError,
    },
    /// A file or folder could not be read.
    #[error("cannot read `{path}`", path = path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// A file is no JSON.
    #[error("`{path}` is no valid JSON", path = path.display())]
    Json {
        /// The file.
        path: PathBuf,
        /// Where and why.
        #[source]
        source: serde_json::Error,
    },
    /// `from` names nothing that is there.
    #[error(
        "no encoder `{from}`: there is no folder `{folder}`, and {cache}; give a folder in Hugging Face layout, or fetch the model into the cache first",
        folder = folder.display()
    )]
    NotFound {
        /// The name as given.
        from: String,
        /// The folder that was looked for.
        folder: PathBuf,
        /// What the cache said.
        cache: String,
    },
    /// A folder lacks a file.
    #[error("folder `{folder}` holds no {file}; {remedy}", folder = folder.display())]
    MissingFile {
        /// The folder.
        folder: PathBuf,
        /// The file.
        file: &'static str,
        /// What to do.
        remedy: &'static str,
    },
    /// A weight file is damaged.
    #[error("`{path}` is no valid safetensors file", path = path.display())]
    Safetensors {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: safetensors::SafeTensorError,
    },
    /// A weight file of another format, none of which is interpreted.
    #[error(
        "`{path}` is {found}, expected safetensors; nothing in it was run: convert it where you trust it, with `safetensors.torch.save_file`",
        path = path.display()
    )]
    Foreign {
        /// The file.
        path: PathBuf,
        /// What it is.
        found: &'static str,
    },
    /// A JSON file larger than any that describes an encoder.
    #[error("`{path}` has more than {limit} bytes, which no configuration needs", path = path.display())]
    TooLarge {
        /// The file.
        path: PathBuf,
        /// The most that is read.
        limit: u64,
    },
    /// The weights lack tensors that `config.json` calls for, or hold them in other shapes.
    #[error("`{path}` does not fit the folder's config.json: {problems}", path = path.display())]
    Tensors {
        /// The weight file, or its index.
        path: PathBuf,
        /// Every tensor that is missing or has another shape or type.
        problems: Box<TensorProblems>,
    },
    /// A tensor with a NaN or an infinity.
    #[error(
        "tensor `{tensor}` in `{path}` holds a value that is not finite",
        path = path.display()
    )]
    NotFinite {
        /// The weight file.
        path: PathBuf,
        /// The tensor.
        tensor: String,
    },
    /// A tokenizer that makes ids the embeddings have no row for.
    #[error(
        "the tokenizer has {tokens} tokens, but the encoder embeds {vocab_size}; they do not belong together"
    )]
    Vocabulary {
        /// Tokens of the tokenizer.
        tokens: usize,
        /// Rows of the word embeddings.
        vocab_size: usize,
    },
    /// A file of word vectors is wrong.
    #[error("word vectors `{path}`{place}: {problem}", path = path.display())]
    WordVectors {
        /// The file.
        path: PathBuf,
        /// Where in it, such as `, line 3`.
        place: String,
        /// What is wrong.
        problem: WordVectorsProblem,
    },
    /// A tensor operation failed.
    #[error(transparent)]
    Tensor(#[from] candle_core::Error),
}

impl EncoderError {
    pub(crate) fn io(path: &Path, source: std::io::Error) -> Self {
        Self::Io {
            path: path.to_owned(),
            source,
        }
    }

    pub(crate) fn config(path: &Path, source: ConfigError) -> Self {
        Self::Config {
            path: path.to_owned(),
            source,
        }
    }
}
