//! What can be wrong with a run file.

use std::error::Error;
use std::fmt;
use std::path::PathBuf;

use mtnet_balance::BalanceError;
use mtnet_data::DataError;
use mtnet_encoders::ConfigError;
use mtnet_heads::HeadError;
use mtnet_text::TextError;

use super::super::load::Place;
use crate::optimizer::OptimizerError;
use crate::schedule::ScheduleError;

/// A mistake in a run file: where, which key, what was found and what was expected.
#[derive(Debug)]
pub struct RunFileError(Box<Inner>);

#[derive(Debug)]
struct Inner {
    place: Place,
    problem: RunFileProblem,
}

impl RunFileError {
    pub(in super::super) fn new(place: Place, problem: impl Into<RunFileProblem>) -> Self {
        Self(Box::new(Inner {
            place,
            problem: problem.into(),
        }))
    }

    /// Where the mistake is.
    pub fn place(&self) -> &Place {
        &self.0.place
    }

    /// What is wrong.
    pub fn problem(&self) -> &RunFileProblem {
        &self.0.problem
    }
}

impl fmt::Display for RunFileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}{}{}",
            self.0.place,
            self.0.problem,
            self.0.place.excerpt()
        )
    }
}

impl Error for RunFileError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.0.problem.source()
    }
}

/// What is wrong with a run file, without where.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RunFileProblem {
    /// It could not be read.
    #[error("cannot read the run file")]
    Read(#[source] std::io::Error),
    /// It is not TOML.
    #[error("not valid TOML: {0}")]
    Syntax(String),
    /// A key that means nothing.
    #[error("unknown key `{key}`{}", hint(.nearest, .known))]
    UnknownKey {
        /// The key with the tables around it.
        key: String,
        /// The nearest known key of its table.
        nearest: Option<String>,
        /// All known keys of its table.
        known: Vec<String>,
    },
    /// A key that must be there.
    #[error("missing {key}{}", clause(.meaning))]
    MissingKey {
        /// The key with the tables around it, or the header of a table.
        key: String,
        /// What it says.
        meaning: String,
    },
    /// A value of another type, outside its range, or that names nothing.
    #[error("`{key}` is {found}, expected {expected}{}", suggestion(.nearest))]
    Value {
        /// The key with the tables around it.
        key: String,
        /// The value.
        found: String,
        /// What it may be.
        expected: String,
        /// The nearest known value.
        nearest: Option<String>,
    },
    /// A value that its type refuses.
    #[error("`{key}`: {problem}")]
    Refused {
        /// The key with the tables around it.
        key: String,
        /// What is wrong with it.
        problem: String,
    },
    /// An override that could not be applied.
    #[error("{problem}")]
    Override {
        /// What is wrong with it.
        problem: String,
    },
    /// Two entries of a list with one name.
    #[error("`{name}` names two entries of `[[{list}]]`; names must differ")]
    DuplicateName {
        /// `dataset` or `task`.
        list: &'static str,
        /// The name.
        name: String,
    },
    /// A data set that nobody reads.
    #[error("no task uses data set `{name}`; add it to a task's `dataset`, or remove it")]
    UnusedDataset {
        /// The data set.
        name: String,
    },
    /// A file that is not there.
    #[error("`{key}`: there is no file {path}; a relative path counts from the folder of the run file", path = path.display())]
    MissingFile {
        /// The key with the tables around it.
        key: String,
        /// The file as looked for.
        path: PathBuf,
    },
    /// The table `[encoder]` is wrong.
    #[error("in `[encoder]`: {0}")]
    Encoder(#[from] ConfigError),
    /// The table `[tokenizer]` is wrong.
    #[error("in `[tokenizer]`: {0}")]
    Tokenizer(#[from] TextError),
    /// A number of the optimizer is out of range.
    #[error("in `[train]`: {0}")]
    Optimizer(#[from] OptimizerError),
    /// A number of the schedule is out of range.
    #[error("in `[train]`: {0}")]
    Schedule(#[from] ScheduleError),
    /// The table `[balance]` is wrong.
    #[error("in `[balance]`: {0}")]
    Balance(#[from] BalanceError),
    /// A data set or the sampler is wrong.
    #[error(transparent)]
    Data(#[from] DataError),
    /// A head is wrong.
    #[error("task `{task}`: {source}")]
    Head {
        /// The task.
        task: String,
        /// Why.
        source: HeadError,
    },
}

fn hint(nearest: &Option<String>, known: &[String]) -> String {
    match nearest {
        Some(word) => format!(", did you mean `{word}`?"),
        None if known.is_empty() => ", expected no key here".to_owned(),
        None => format!(", expected one of `{}`", known.join("`, `")),
    }
}

fn suggestion(nearest: &Option<String>) -> String {
    nearest
        .as_ref()
        .map(|word| format!("; did you mean `{word}`?"))
        .unwrap_or_default()
}

fn clause(meaning: &str) -> String {
    if meaning.is_empty() {
        String::new()
    } else {
        format!(": {meaning}")
    }
}
