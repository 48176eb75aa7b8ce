//! What stands between a model and another program's form of it.

use std::path::PathBuf;

use mtnet_encoders::{ConfigError, EncoderError};
use mtnet_model::ModelError;
use mtnet_text::TextError;

/// Why a model could not be exported or imported.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ExportError {
    /// The other program has no part that computes the same.
    #[error("{what} has no counterpart in {program}: {reason}; {remedy}")]
    NoCounterpart {
        /// The part of the model.
        what: String,
        /// The program.
        program: &'static str,
        /// Why.
        reason: String,
        /// What can be done instead.
        remedy: String,
    },
    /// Options that exclude each other, or a name that cannot be used.
    #[error("{problem}; {remedy}")]
    Options {
        /// What is wrong.
        problem: String,
        /// What to do.
        remedy: &'static str,
    },
    /// A model that is too large for one file of the format.
    #[error(
        "the graph takes {bytes} bytes, an ONNX file at most {limit}; export with int8 weights"
    )]
    TooLarge {
        /// Its size.
        bytes: usize,
        /// The limit of the format.
        limit: usize,
    },
    /// A file of a folder could not be read or written.
    #[error("{path}: {source}")]
    File {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// A folder that cannot be imported.
    #[error("{path}: {problem}; {remedy}")]
    Folder {
        /// The folder or its file.
        path: PathBuf,
        /// What was found.
        problem: String,
        /// What was expected, or what to do.
        remedy: String,
    },
    /// A configuration that describes no encoder known here.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// An encoder could not be read.
    #[error(transparent)]
    Encoder(#[from] EncoderError),
    /// A model could not be read or made.
    #[error(transparent)]
    Model(Box<ModelError>),
    /// A tokenizer could not be read or written.
    #[error(transparent)]
    Text(#[from] TextError),
    /// A tensor operation failed.
    #[error(transparent)]
    Tensor(#[from] candle_core::Error),
}

impl From<ModelError> for ExportError {
    fn from(error: ModelError) -> Self {
        Self::Model(Box::new(error))
    }
}
