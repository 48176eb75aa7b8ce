//! What can go wrong with the record of a run.

use std::path::PathBuf;

/// Why an event was not recorded, or a record not read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EventError {
    /// The file could not be opened, read, cut or written.
    #[error("cannot {action} event file {path}")]
    File {
        /// What was tried.
        action: &'static str,
        /// The file.
        path: PathBuf,
        /// Why it failed.
        #[source]
        source: std::io::Error,
    },
    /// A line is no event.
    #[error("{path}:{line}: not an event; delete the line, or the lines from here on")]
    Line {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// What is wrong with it.
        #[source]
        source: serde_json::Error,
    },
    /// Another program's file could not be written, or it does not take the event.
    #[error(transparent)]
    Report(mtnet_report::ReportError),
    /// An event could not be written as JSON.
    #[error("event cannot be written as JSON")]
    Json(#[source] serde_json::Error),
}
