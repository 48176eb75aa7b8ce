//! Why a search could not begin, go on or end.

use std::fmt;
use std::path::PathBuf;

use mtnet_model::ModelError;
use mtnet_train::checkpoint::CheckpointError;
use mtnet_train::run_file::{Place, RunFileError};
use mtnet_train::trainer::TrainError;

/// Why a search ended with an error. What was tried stays in the journal.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TuneError {
    /// A run file without a search.
    #[error(
        "{path}: there is no table `[tune]`; say what to try, such as\n\n[tune]\ntrials = 20\n\n[tune.space]\n\"train.learning_rate\" = {{ low = 1e-4, high = 1e-2, log = true }}"
    )]
    NoTable {
        /// The run file.
        path: PathBuf,
    },
    /// The table says what cannot be tried.
    #[error("{0}")]
    Problems(Problems),
    /// The folder holds another search.
    #[error(
        "{path}: this folder holds a search with another {difference}; choose another `--output`, or delete the folder"
    )]
    OtherSearch {
        /// The journal.
        path: PathBuf,
        /// What differs, with both values.
        difference: String,
    },
    /// A line of the journal is not what was written.
    #[error("{path}:{line}: {problem}; restore the file, or choose another `--output`")]
    JournalLine {
        /// The journal.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// What is wrong with it.
        problem: String,
    },
    /// The journal was written by a later version.
    #[error("{path}: the journal has version {found}, this program reads up to {supported}")]
    JournalVersion {
        /// The journal.
        path: PathBuf,
        /// Its version.
        found: u32,
        /// The newest that is known here.
        supported: u32,
    },
    /// No trial came to a score.
    #[error(
        "all {count} trials failed, {times} of them so: {reason}; {journal} has the others, narrow the ranges of `[tune.space]`"
    )]
    AllFailed {
        /// How many there were.
        count: usize,
        /// How many had the commonest reason.
        times: usize,
        /// The commonest reason.
        reason: String,
        /// The journal.
        journal: PathBuf,
    },
    /// Time was up before the first score.
    #[error("the budget of {budget} was spent before a trial had a score; raise `tune.budget`")]
    NoTime {
        /// As the run file says it.
        budget: String,
    },
    /// A file that could not be read or written.
    #[error("{path}: {source}")]
    File {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The run file is wrong.
    #[error(transparent)]
    RunFile(#[from] RunFileError),
    /// A trial met what would stop every other as well.
    #[error("trial {trial}: {source}")]
    Trial {
        /// Its number.
        trial: usize,
        /// What went wrong.
        source: Box<TrainError>,
    },
    /// Something around the trials failed.
    #[error(transparent)]
    Train(Box<TrainError>),
    /// The folder is in use.
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
    /// The winner's model could not be opened.
    #[error(transparent)]
    Model(Box<ModelError>),
}

impl TuneError {
    pub(crate) fn file(path: impl Into<PathBuf>) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.into();
        move |source| Self::File { path, source }
    }
}

impl From<TrainError> for TuneError {
    fn from(error: TrainError) -> Self {
        Self::Train(Box::new(error))
    }
}

impl From<ModelError> for TuneError {
    fn from(error: ModelError) -> Self {
        Self::Model(Box::new(error))
    }
}

/// Everything that is wrong with a `[tune]` table, in the order of its keys.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Problems(pub Vec<Problem>);

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, problem) in self.0.iter().enumerate() {
            if index > 0 {
                writeln!(f)?;
            }
            write!(f, "{problem}")?;
        }
        Ok(())
    }
}

/// One thing that is wrong with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Where.
    pub place: Place,
    /// The key below `[tune]`, such as `space."train.learning_rate"`.
    pub key: String,
    /// What was found, what was expected, and what to do.
    pub problem: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            place,
            key,
            problem,
        } = self;
        write!(f, "{place}in `[tune]`, {key}: {problem}{}", place.excerpt())
    }
}
