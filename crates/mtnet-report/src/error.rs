//! What can go wrong with a report.

use std::io;
use std::path::{Path, PathBuf};

/// Why there is no report.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReportError {
    /// A folder holds no run.
    #[error(
        "{folder}: no run folder (it has none of metrics.jsonl, run.toml, run.json and \
         results.json); name the folder that `mtnet train` wrote, such as runs/NAME"
    )]
    NoRun {
        /// The folder.
        folder: PathBuf,
    },
    /// A file could not be read or written.
    #[error("cannot {action} {path}")]
    File {
        /// What was tried.
        action: &'static str,
        /// The file.
        path: PathBuf,
        /// Why it failed.
        #[source]
        source: io::Error,
    },
    /// A file is not what its name says.
    #[error("{path}: no comparison as `mtnet compare` writes it")]
    Comparison {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        #[source]
        source: serde_json::Error,
    },
    /// An event file cannot hold what it was given.
    #[error("TensorBoard event cannot be encoded: {0}")]
    Event(String),
    /// A tracking server does not do what it should.
    #[error(
        "the MLflow server at {address} {what}; MLFLOW_TRACKING_URI names another, and without \
         \"mlflow\" in `train.report_to` none is needed"
    )]
    Mlflow {
        /// Its address.
        address: String,
        /// What it does instead.
        what: String,
    },
    /// The terminal cannot be drawn on.
    #[error("the terminal view cannot be drawn; leave out --tui where there is no terminal")]
    Terminal(#[source] io::Error),
}

impl ReportError {
    pub(crate) fn file(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::File {
            action,
            path,
            source,
        }
    }
}
