//! Why a server could not be started.

use std::io;

/// Why a server could not be started or went on.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ServeError {
    /// Nobody can be served at that address.
    #[error(
        "cannot listen on {address}: {source}; choose another with `--port`, or stop what holds it"
    )]
    Listen {
        /// Host and port.
        address: String,
        /// What the system said.
        source: io::Error,
    },
    /// A setting out of range.
    #[error("`{setting}` is {found}, expected {expected}")]
    Setting {
        /// Its name.
        setting: &'static str,
        /// Its value.
        found: String,
        /// What it can be.
        expected: String,
    },
    /// A thread or the runtime could not be made.
    #[error("starting the server: {0}")]
    Start(#[from] io::Error),
    /// The pool of inference threads could not be made.
    #[error("starting the inference threads: {0}")]
    Threads(#[from] rayon::ThreadPoolBuildError),
}
