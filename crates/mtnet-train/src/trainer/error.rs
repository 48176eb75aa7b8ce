//! Why a run could not be prepared or could not go on.

use std::path::PathBuf;

use mtnet_balance::BalanceError;
use mtnet_core::{Split, TaskName};
use mtnet_data::DataError;
use mtnet_encoders::{ConfigError, EncoderError};
use mtnet_heads::HeadError;
use mtnet_metrics::MetricError;
use mtnet_model::ModelError;
use mtnet_text::TextError;

use super::NonFinite;
use crate::checkpoint::CheckpointError;
use crate::events::EventError;
use crate::optimizer::OptimizerError;
use crate::run_file::RunFileError;
use crate::schedule::ScheduleError;

/// Why a run ended with an error.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TrainError {
    /// A task without any training example.
    #[error(
        "task `{task}` has no training example; give its data sets {datasets} a `train` file with field {field}"
    )]
    NoTrainingData {
        /// The task.
        task: TaskName,
        /// Its data sets.
        datasets: String,
        /// Its label field.
        field: String,
    },
    /// A task that models should be selected by, without development data.
    #[error(
        "task `{task}` has no development data to select by; give a `dev` file or `dev_fraction`, or set `train.eval_strategy = \"no\"`"
    )]
    NoDevelopmentData {
        /// The task.
        task: TaskName,
    },
    /// `metric_for_best_model` names no task.
    #[error(
        "`train.metric_for_best_model` is `{found}`, expected `mean`, a task ({known}) or `<task>.<metric>`"
    )]
    SelectionTask {
        /// What was written.
        found: String,
        /// The tasks.
        known: String,
    },
    /// A metric that the task's head does not compute.
    #[error("task `{task}` has no metric `{found}`; it has {known}")]
    SelectionMetric {
        /// The task.
        task: TaskName,
        /// What was written.
        found: String,
        /// The metrics it has.
        known: String,
    },
    /// A task that cannot begin with the head of the model that the run starts from.
    #[error("task `{task}` cannot start warm: {problem}")]
    WarmStart {
        /// The task.
        task: TaskName,
        /// What does not fit, and what to do.
        problem: String,
    },
    /// A run whose tasks were to be held against each other.
    #[error("the run has one task; affinity is between two or more, give another `[[task]]`")]
    OneTask,
    /// A data set that two splits could not be read for.
    #[error("task `{task}`: no data set has a {split} split")]
    NoSplit {
        /// The task.
        task: TaskName,
        /// The split.
        split: Split,
    },
    /// A teacher that cannot teach its task.
    #[error("task `{task}`: the teacher {teacher} cannot be learned from: {problem}")]
    Teacher {
        /// The task.
        task: TaskName,
        /// The model folder of the teacher.
        teacher: PathBuf,
        /// Why not.
        problem: String,
    },
    /// A run that came to values that are not finite, and could not get away from them.
    #[error("step {step}: {what}; lower the learning rate, or look at the targets of this task")]
    Diverged {
        /// Steps done before it.
        step: u64,
        /// Which loss, gradient or weight, and what was tried.
        what: String,
    },
    /// A loss, gradient or weight that is not finite, in a step that was not taken.
    #[error("{0}")]
    NonFinite(Box<NonFinite>),
    /// A folder with a finished or begun run in it.
    #[error(
        "{folder} already holds a run; go on with `--resume {folder}`, or choose another `--output`"
    )]
    FolderInUse {
        /// The folder.
        folder: PathBuf,
    },
    /// A folder without a checkpoint to go on from.
    #[error("{folder} holds no valid checkpoint to resume from{damaged}")]
    NothingToResume {
        /// The folder.
        folder: PathBuf,
        /// What was found instead.
        damaged: String,
    },
    /// A checkpoint of another run.
    #[error("{folder}: the checkpoint does not belong to this run file: {difference}")]
    OtherRun {
        /// The folder.
        folder: PathBuf,
        /// What differs.
        difference: String,
    },
    /// A file of the run could not be read or written.
    #[error("{path}: {source}")]
    File {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// A file of the run does not say what it should.
    #[error("{path}: {source}")]
    Json {
        /// The file.
        path: PathBuf,
        /// What is wrong and where.
        source: serde_json::Error,
    },
    /// A device that this build cannot use.
    #[error("device `{device}` cannot be used: {reason}")]
    Device {
        /// As the run file names it.
        device: String,
        /// Why not.
        reason: String,
    },
    /// The threads that the run file asks for could not be started.
    #[error("{threads} threads could not be started: {reason}")]
    Threads {
        /// How many were asked for.
        threads: usize,
        /// What the system said.
        reason: String,
    },
    /// The run file is wrong.
    #[error(transparent)]
    RunFile(#[from] RunFileError),
    /// The data is wrong.
    #[error(transparent)]
    Data(Box<DataError>),
    /// The tokenizer failed.
    #[error(transparent)]
    Text(#[from] TextError),
    /// The encoder could not be made.
    #[error(transparent)]
    Encoder(#[from] EncoderError),
    /// The encoder's settings are wrong.
    #[error(transparent)]
    EncoderConfig(#[from] ConfigError),
    /// A head failed.
    #[error("task `{task}`: {source}")]
    Head {
        /// The task.
        task: TaskName,
        /// Why.
        source: Box<HeadError>,
    },
    /// The model failed.
    #[error(transparent)]
    Model(Box<ModelError>),
    /// Balancing failed.
    #[error(transparent)]
    Balance(#[from] BalanceError),
    /// The optimizer failed.
    #[error(transparent)]
    Optimizer(#[from] OptimizerError),
    /// The schedule is wrong.
    #[error(transparent)]
    Schedule(#[from] ScheduleError),
    /// A checkpoint could not be written or read.
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
    /// The event log could not be written or read.
    #[error(transparent)]
    Event(#[from] EventError),
    /// A tensor operation failed.
    #[error(transparent)]
    Tensor(#[from] candle_core::Error),
}

impl From<DataError> for TrainError {
    fn from(error: DataError) -> Self {
        Self::Data(Box::new(error))
    }
}

impl From<ModelError> for TrainError {
    fn from(error: ModelError) -> Self {
        Self::Model(Box::new(error))
    }
}

impl TrainError {
    /// A closure that names the task a head's error belongs to.
    pub(crate) fn head(task: &TaskName) -> impl FnOnce(HeadError) -> Self {
        let task = task.clone();
        move |source| Self::Head {
            task,
            source: Box::new(source),
        }
    }

    /// The task whose answers were no numbers, where that is what went wrong: its weights ran away,
    /// though each of them may still be finite.
    pub(crate) fn task_without_numbers(&self) -> Option<&TaskName> {
        match self {
            Self::Head { task, source } => match **source {
                HeadError::Metric(MetricError::NotANumber { .. }) => Some(task),
                _ => None,
            },
            _ => None,
        }
    }

    /// A closure that names a file an I/O error belongs to.
    pub(crate) fn file(path: impl Into<PathBuf>) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.into();
        move |source| Self::File { path, source }
    }
}
