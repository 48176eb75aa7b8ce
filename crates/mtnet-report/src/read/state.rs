//! How a run stands, judged from its folder alone.

use std::fs::{File, TryLockError};
use std::path::Path;

/// How a run stands.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RunState {
    /// All planned steps were done.
    Finished,
    /// It ended before its last step because its score did not improve, or reached its target.
    StoppedEarly,
    /// A signal ended it.
    Interrupted,
    /// Its loss or gradient was no longer a number.
    Diverged,
    /// An error ended it.
    Failed,
    /// A process holds its lock.
    Running,
    /// It has neither an end nor a process.
    Unfinished,
}

impl RunState {
    /// From the reason of the log's last line and the folder's lock.
    pub(super) fn judge(reason: Option<&str>, folder: &Path) -> Self {
        match reason {
            Some("finished") => Self::Finished,
            Some("early_stopping" | "target_reached") => Self::StoppedEarly,
            Some("interrupted") => Self::Interrupted,
            Some("diverged") => Self::Diverged,
            Some(_) => Self::Failed,
            None if is_locked(folder) => Self::Running,
            None => Self::Unfinished,
        }
    }

    /// One or two words.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Finished => "finished",
            Self::StoppedEarly => "stopped early",
            Self::Interrupted => "interrupted",
            Self::Diverged => "diverged",
            Self::Failed => "failed",
            Self::Running => "running",
            Self::Unfinished => "unfinished",
        }
    }

    /// Whether the run came to an end as it was meant to.
    pub fn is_complete(&self) -> bool {
        matches!(self, Self::Finished | Self::StoppedEarly)
    }
}

/// Whether a trainer holds the lock of a run folder. A shared lock is asked for and given back at
/// once, so that looking does not hinder a trainer.
fn is_locked(folder: &Path) -> bool {
    match File::open(folder.join("run.lock")) {
        Ok(file) => matches!(file.try_lock_shared(), Err(TryLockError::WouldBlock)),
        Err(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_without_an_end_is_running_while_its_lock_is_held() {
        let folder = tempfile::tempdir().unwrap();
        let judge = || RunState::judge(None, folder.path());
        assert_eq!(judge(), RunState::Unfinished);
        let lock = File::create(folder.path().join("run.lock")).unwrap();
        lock.lock().unwrap();
        assert_eq!(judge(), RunState::Running);
        lock.unlock().unwrap();
        assert_eq!(judge(), RunState::Unfinished);
        assert_eq!(
            RunState::judge(Some("early_stopping"), folder.path()),
            RunState::StoppedEarly
        );
    }
}
