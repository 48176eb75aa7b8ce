//! Why a comparison could not be made.

use std::path::PathBuf;

use mtnet_baselines::BaselineError;
use mtnet_core::TaskName;
use mtnet_heads::HeadError;
use mtnet_metrics::MetricError;
use mtnet_model::ModelError;
use mtnet_train::checkpoint::CheckpointError;
use mtnet_train::run_file::RunFileError;
use mtnet_train::trainer::TrainError;

/// Why a comparison ended with an error. What was trained before stays, and is not trained again.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CompareError {
    /// There is nothing to share.
    #[error("the run has one task; sharing is between two or more, give another `[[task]]`")]
    OneTask,
    /// No seed was asked for.
    #[error("0 seeds were asked for, expected at least 1; 3 give an interval worth reading")]
    NoSeeds,
    /// A task that nothing can be scored on.
    #[error(
        "task `{task}` has neither test nor development examples; name a `test` file of its data set"
    )]
    NoTestData {
        /// The task.
        task: TaskName,
    },
    /// A run that was asked to stop: its checkpoint stays, and the same call goes on.
    #[error("the time is over; the same command with more time goes on from here")]
    OutOfTime,
    /// Proposals that nothing can be chosen between by.
    #[error(
        "task `{task}` has no development scores to choose between proposals by; give a `dev` file or `dev_fraction`, and leave `train.eval_strategy` at `epoch` or `steps`"
    )]
    NoDevelopmentScores {
        /// The task.
        task: TaskName,
    },
    /// Answers that were kept do not belong to the data.
    #[error("{path}: {problem}; delete this folder and compare again")]
    OtherAnswers {
        /// The file or folder.
        path: PathBuf,
        /// What does not fit.
        problem: String,
    },
    /// One of the runs failed.
    #[error("{run}: {source}")]
    Run {
        /// Which run.
        run: String,
        /// What went wrong.
        source: Box<CompareError>,
    },
    /// A file that could not be read or written.
    #[error("{path}: {source}")]
    File {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// Threads could not be started.
    #[error("{threads} threads could not be started: {reason}")]
    Threads {
        /// How many.
        threads: usize,
        /// What the system said.
        reason: String,
    },
    /// A run file that follows from the given one makes no sense.
    #[error(transparent)]
    RunFile(#[from] RunFileError),
    /// Training failed.
    #[error(transparent)]
    Train(Box<TrainError>),
    /// A checkpoint could not be looked for.
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
    /// A trained model could not be opened.
    #[error(transparent)]
    Model(Box<ModelError>),
    /// A classical baseline could not be fitted.
    #[error("the classical baseline of task `{task}`: {source}")]
    Baseline {
        /// The task.
        task: TaskName,
        /// What is wrong.
        source: BaselineError,
    },
    /// Answers could not be scored.
    #[error("scoring task `{task}`: {source}")]
    Score {
        /// The task.
        task: TaskName,
        /// What is wrong.
        source: Box<HeadError>,
    },
    /// An interval could not be computed.
    #[error(transparent)]
    Metric(#[from] MetricError),
}

impl CompareError {
    /// Whether a run ended because its time was over.
    pub(crate) fn is_out_of_time(&self) -> bool {
        match self {
            Self::OutOfTime => true,
            Self::Run { source, .. } => source.is_out_of_time(),
            _ => false,
        }
    }

    /// Whether a run came to no numbers.
    pub(crate) fn is_diverged(&self) -> bool {
        match self {
            Self::Train(source) => matches!(**source, TrainError::Diverged { .. }),
            Self::Run { source, .. } => source.is_diverged(),
            _ => false,
        }
    }

    pub(crate) fn file(path: impl Into<PathBuf>) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.into();
        move |source| Self::File { path, source }
    }
}

impl From<TrainError> for CompareError {
    fn from(error: TrainError) -> Self {
        Self::Train(Box::new(error))
    }
}

impl From<ModelError> for CompareError {
    fn from(error: ModelError) -> Self {
        Self::Model(Box::new(error))
    }
}
