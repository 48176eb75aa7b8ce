//! What can go wrong with a checkpoint.

use std::path::PathBuf;

use super::LockHolder;

/// Why a checkpoint was not written, or is not valid.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CheckpointError {
    /// A file operation failed.
    #[error("cannot {action} {path}")]
    File {
        /// What was tried.
        action: &'static str,
        /// Where.
        path: PathBuf,
        /// Why it failed.
        #[source]
        source: std::io::Error,
    },
    /// A file of a checkpoint has a name that would lead elsewhere, or that is taken.
    #[error(
        "checkpoint file name `{0}`: expected a plain name, given once, other than MANIFEST.json"
    )]
    FileName(String),
    /// The manifest is not what was written.
    #[error("manifest {path} is damaged: {reason}")]
    Manifest {
        /// The manifest.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// The checkpoint was written by a later version.
    #[error("manifest {path} has format version {found}, this version reads up to {supported}")]
    FormatVersion {
        /// The manifest.
        path: PathBuf,
        /// Its version.
        found: u64,
        /// The newest that is known here.
        supported: u64,
    },
    /// A file does not have the size that the manifest states.
    #[error("{path} has {found} bytes, its manifest states {expected}: it was cut or replaced")]
    Size {
        /// The file.
        path: PathBuf,
        /// Its size.
        found: u64,
        /// The manifest's.
        expected: u64,
    },
    /// A file does not hold what was written.
    #[error("{path} does not have the SHA-256 of its manifest: its content changed")]
    Hash {
        /// The file.
        path: PathBuf,
    },
    /// A file was asked for that the checkpoint does not list.
    #[error("checkpoint {path} holds no `{name}`")]
    NoSuchFile {
        /// The checkpoint.
        path: PathBuf,
        /// The name.
        name: String,
    },
    /// Another process writes into the folder.
    #[error(
        "folder {path} is in use by {}; wait for it to end, or choose another output folder",
        holder.as_ref().map_or_else(|| "another process".to_owned(), ToString::to_string)
    )]
    Locked {
        /// The folder.
        path: PathBuf,
        /// Who holds it, where the lock file says.
        holder: Option<LockHolder>,
    },
}

impl CheckpointError {
    /// Names the action and the path of a failed file operation.
    pub(super) fn file(
        action: &'static str,
        path: impl Into<PathBuf>,
    ) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.into();
        move |source| Self::File {
            action,
            path,
            source,
        }
    }
}
