//! What can be wrong with a model folder or with what a model is asked.

use std::path::PathBuf;

use mtnet_encoders::{ConfigError, EncoderError, PrecisionError, TensorProblems};
use mtnet_heads::HeadError;
use mtnet_text::TextError;

/// Why a model could not be made, opened, saved or asked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ModelError {
    /// A file of a model folder could not be read or written.
    #[error("{path}: {source}")]
    File {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// A file of a model folder is not there.
    #[error("{path} is missing; a model folder holds {expected}")]
    Missing {
        /// The file.
        path: PathBuf,
        /// All files that it should hold.
        expected: &'static str,
    },
    /// A JSON file of a model folder does not say what it should.
    #[error("{path}: {source}")]
    Json {
        /// The file.
        path: PathBuf,
        /// What is wrong and where.
        source: serde_json::Error,
    },
    /// A model folder of a later format.
    #[error("{path} has format {found}, this version reads up to {known}; use a newer version")]
    Version {
        /// `tasks.json`.
        path: PathBuf,
        /// The format it states.
        found: u32,
        /// The newest format known here.
        known: u32,
    },
    /// The weights do not fit the configuration beside them.
    #[error("{path}: {source}")]
    Weights {
        /// `model.safetensors`.
        path: PathBuf,
        /// Which tensor, and how it differs.
        source: candle_core::Error,
    },
    /// Weights that are missing, of another shape or type, or that nothing asks for.
    #[error("{path} does not fit the folder's config.json and tasks.json: {problems}")]
    Tensors {
        /// `model.safetensors`.
        path: PathBuf,
        /// All of them.
        problems: Box<TensorProblems>,
    },
    /// A JSON file larger than any that describes a model.
    #[error("{path} has more than {limit} bytes, which no model folder needs")]
    TooLarge {
        /// The file.
        path: PathBuf,
        /// The most that is read.
        limit: u64,
    },
    /// A task that the model does not have.
    #[error("no task `{found}` in this model; it has {known}")]
    UnknownTask {
        /// The task asked for.
        found: String,
        /// The tasks it has.
        known: String,
    },
    /// A text alone for tasks that all answer questions about another.
    #[error(
        "task `{task}` answers a question about a text, and input {input} is one text; give a pair, the question first"
    )]
    NeedsPair {
        /// Index of the input.
        input: usize,
        /// The task, or the first of them.
        task: String,
    },
    /// Words of an input that do not lie in its text.
    #[error("input {input}: {source}")]
    Input {
        /// Index of the input.
        input: usize,
        /// What is wrong.
        source: mtnet_core::CoreError,
    },
    /// A head failed.
    #[error("task `{task}`: {source}")]
    Head {
        /// The task.
        task: String,
        /// Why.
        source: HeadError,
    },
    /// A calibration that does not fit the task, or could not be fitted.
    #[error("calibration of task `{task}`: {problem}")]
    Calibration {
        /// The task.
        task: String,
        /// What is wrong.
        problem: String,
    },
    /// `config.json` describes no encoder known here.
    #[error("{path}: {source}")]
    Config {
        /// The file.
        path: PathBuf,
        /// Why.
        source: ConfigError,
    },
    /// A precision that the encoder cannot have.
    #[error(transparent)]
    Precision(#[from] PrecisionError),
    /// The encoder failed.
    #[error(transparent)]
    Encoder(#[from] EncoderError),
    /// The tokenizer failed.
    #[error(transparent)]
    Text(#[from] TextError),
    /// A tensor operation failed.
    #[error(transparent)]
    Tensor(#[from] candle_core::Error),
}
