//! Why a model could not be extended.

use std::path::PathBuf;

use mtnet_compare::CompareError;
use mtnet_core::TaskName;
use mtnet_encoders::EncoderError;
use mtnet_metrics::MetricError;
use mtnet_model::ModelError;
use mtnet_train::run_file::RunFileError;
use mtnet_train::trainer::TrainError;

/// Why a model could not be extended. What was trained before stays.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ExtendError {
    /// A run file that says what the model says.
    #[error(
        "{origin}: `{key}` is stated, but encoder, tokenizer, pooling and lengths are those of {model}; remove it"
    )]
    Stated {
        /// The run file, or `override`.
        origin: String,
        /// What it states.
        key: String,
        /// The model.
        model: PathBuf,
    },
    /// No task that the model lacks.
    #[error(
        "{model} has every task of the run already ({tasks}); give a `[[task]]` of another name"
    )]
    NothingNew {
        /// The model.
        model: PathBuf,
        /// The tasks of the run.
        tasks: String,
    },
    /// A new task by the name of an old one.
    #[error("{model} has a task `{task}` already ({kind}); give the new one another name")]
    TaskExists {
        /// The model.
        model: PathBuf,
        /// The task.
        task: TaskName,
        /// The kind of its head.
        kind: String,
    },
    /// A flag of the simple form that is not given.
    #[error("`--task` needs `--{flag}` too; {remedy}")]
    Flag {
        /// Which.
        flag: &'static str,
        /// What to give.
        remedy: String,
    },
    /// What to train is not one of the three.
    #[error("`--train-only` is `{found}`, expected `head`, `top:N` or `all`")]
    TrainOnly {
        /// What was written.
        found: String,
    },
    /// More layers than the encoder has.
    #[error(
        "`--train-only top:{found}`: the encoder has {layers} layers, so `top:{layers}` at most"
    )]
    Layers {
        /// How many were asked for.
        found: usize,
        /// How many there are.
        layers: usize,
    },
    /// Replay that cannot be.
    #[error("`--replay {found}`: {problem}")]
    Replay {
        /// The share.
        found: f64,
        /// Why not, and what to do.
        problem: String,
    },
    /// The folder holds a finished extension.
    #[error("{folder} already holds an extended model; choose another `--output`")]
    InUse {
        /// The folder.
        folder: PathBuf,
    },
    /// The folder holds the training of another extension.
    #[error("{folder} holds the training of another run file; choose another `--output`")]
    OtherRun {
        /// The folder.
        folder: PathBuf,
    },
    /// What the model's own training started from is not known.
    #[error(
        "what {model} started from is not known: {problem}; name a plain encoder with `--against`"
    )]
    Origin {
        /// The model.
        model: PathBuf,
        /// What is missing.
        problem: String,
    },
    /// Sizes of a curve that are none.
    #[error(
        "`--few-shot` has `{found}`; expected numbers of examples from 1 and `all`, such as 8,16,64,all"
    )]
    Size {
        /// What was written.
        found: String,
    },
    /// No seed was asked for.
    #[error("0 seeds were asked for, expected at least 1; 3 give an interval worth reading")]
    NoSeeds,
    /// Old and trained model do not fit each other.
    #[error("{folder}: {source}")]
    Opened {
        /// The model folder.
        folder: PathBuf,
        /// What is wrong.
        source: Box<ModelError>,
    },
    /// A file that could not be read or written.
    #[error("{path}: {source}")]
    File {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// A run file that makes no sense.
    #[error(transparent)]
    RunFile(#[from] RunFileError),
    /// Training failed.
    #[error(transparent)]
    Train(Box<TrainError>),
    /// Runs of a curve, or their scores, failed.
    #[error(transparent)]
    Compare(Box<CompareError>),
    /// A model could not be made or written.
    #[error(transparent)]
    Model(Box<ModelError>),
    /// The encoder could not be made.
    #[error(transparent)]
    Encoder(#[from] EncoderError),
    /// An interval could not be computed.
    #[error(transparent)]
    Metric(#[from] MetricError),
}

impl ExtendError {
    pub(crate) fn file(path: impl Into<PathBuf>) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.into();
        move |source| Self::File { path, source }
    }
}

impl From<TrainError> for ExtendError {
    fn from(error: TrainError) -> Self {
        Self::Train(Box::new(error))
    }
}

impl From<CompareError> for ExtendError {
    fn from(error: CompareError) -> Self {
        Self::Compare(Box::new(error))
    }
}

impl From<ModelError> for ExtendError {
    fn from(error: ModelError) -> Self {
        Self::Model(Box::new(error))
    }
}
