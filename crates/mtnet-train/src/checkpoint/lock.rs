//! One run at a time in a folder.
//!
//! The lock is the operating system's lock on `run.lock`, which a process loses when it ends,
//! however it ends: there is no stale lock to judge by its age. The file's text says who holds
//! it, for the message; text without a lock is left by a process that was killed, and is
//! overwritten with a warning. The file stays, since removing it could race with another opener.

use std::fmt;
use std::fs::{File, TryLockError};
use std::io::{self, Read, Seek, Write};
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};

use super::{CheckpointError, Files};

const LOCK_FILE: &str = "run.lock";

/// Who holds a lock.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LockHolder {
    /// Process id.
    pub pid: u32,
    /// When it took the lock, in seconds since 1970.
    pub started: u64,
}

impl fmt::Display for LockHolder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "process {}, since Unix time {}", self.pid, self.started)
    }
}

/// The right to write into a run's folder, held until it is dropped.
#[derive(Debug)]
pub struct RunLock {
    file: File,
    folder: PathBuf,
    taken_over: Option<LockHolder>,
}

impl RunLock {
    /// Makes the folder where it does not exist, and takes its lock.
    ///
    /// # Errors
    /// If another process holds it, or the lock file cannot be written.
    pub fn acquire(files: &dyn Files, folder: &Path) -> Result<Self, CheckpointError> {
        files
            .create_folders(folder)
            .map_err(CheckpointError::file("create", folder))?;
        let path = folder.join(LOCK_FILE);
        let mut file = files
            .open_lock(&path)
            .map_err(CheckpointError::file("open", &path))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(CheckpointError::Locked {
                    path: folder.to_owned(),
                    holder: read_holder(&mut file),
                });
            }
            Err(TryLockError::Error(error)) => {
                return Err(CheckpointError::file("lock", &path)(error));
            }
        }
        let taken_over = read_holder(&mut file);
        if let Some(holder) = &taken_over {
            tracing::warn!(
                "took over {}: {holder} ended without releasing it",
                path.display()
            );
        }
        write_holder(&mut file).map_err(CheckpointError::file("write", &path))?;
        Ok(Self {
            file,
            folder: folder.to_owned(),
            taken_over,
        })
    }

    /// The folder that it is for.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The process that held the lock before and was killed, where there was one.
    pub fn taken_over(&self) -> Option<&LockHolder> {
        self.taken_over.as_ref()
    }
}

impl Drop for RunLock {
    fn drop(&mut self) {
        // An empty file says that its holder ended in order. If that fails, the next one merely
        // warns; the lock itself goes with the file handle.
        drop(self.file.set_len(0));
    }
}

fn read_holder(file: &mut File) -> Option<LockHolder> {
    let mut text = String::new();
    file.rewind().ok()?;
    file.read_to_string(&mut text).ok()?;
    serde_json::from_str(&text).ok()
}

fn write_holder(file: &mut File) -> io::Result<()> {
    let holder = LockHolder {
        pid: std::process::id(),
        started: SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .map_or(0, |since| since.as_secs()),
    };
    file.set_len(0)?;
    file.rewind()?;
    file.write_all(&serde_json::to_vec(&holder)?)
}
