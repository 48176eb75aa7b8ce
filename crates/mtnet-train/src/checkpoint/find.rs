//! Finding the checkpoint that a run goes on from.

use std::io;
use std::path::{Path, PathBuf};

use super::name::{self, Kind};
use super::{Checkpoint, CheckpointError, Files, MANIFEST_FILE, Verification, verify};

/// What a run's folder holds.
#[derive(Debug, Default)]
pub struct FoundCheckpoints {
    /// The newest valid checkpoint, every byte of it checked.
    pub latest: Option<Checkpoint>,
    /// Checkpoints that are newer than it and are not valid.
    pub damaged: Vec<DamagedCheckpoint>,
    /// Folders of saves or removals that did not come to their end.
    pub unfinished: Vec<PathBuf>,
}

/// A checkpoint that is not valid.
#[derive(Debug)]
pub struct DamagedCheckpoint {
    /// Its folder.
    pub path: PathBuf,
    /// Steps that its name states.
    pub step: u64,
    /// What is wrong with it.
    pub reason: CheckpointError,
}

/// The newest checkpoint in a run's folder whose manifest and files check out, hashes included.
///
/// Nothing is changed: what is damaged or unfinished is reported and left alone. A folder that
/// does not exist holds no checkpoint.
///
/// # Errors
/// If the folder cannot be listed.
pub fn latest_valid(files: &dyn Files, folder: &Path) -> Result<FoundCheckpoints, CheckpointError> {
    let names = match files.names(folder) {
        Ok(names) => names,
        Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
        Err(error) => return Err(CheckpointError::file("list", folder)(error)),
    };
    let mut found = FoundCheckpoints::default();
    let mut candidates = Vec::new();
    for (name, step, kind) in parsed(&names) {
        let path = folder.join(name);
        match kind {
            Kind::Unfinished => found.unfinished.push(path),
            // A save that was killed between its two renames leaves its step's checkpoint under
            // another name only, and what could not be read then may be readable now.
            Kind::Whole | Kind::Replaced | Kind::Damaged => candidates.push((step, kind, path)),
        }
    }
    candidates.sort_by(|left, right| right.cmp(left));
    for (step, _, path) in candidates {
        match verify(files, &path, Verification::Hashes).and_then(|found| of_step(found, step)) {
            Ok(checkpoint) => {
                found.latest = Some(checkpoint);
                break;
            }
            Err(reason) => {
                tracing::warn!(
                    "checkpoint {} is not valid and is passed over: {reason}",
                    path.display()
                );
                found.damaged.push(DamagedCheckpoint { path, step, reason });
            }
        }
    }
    Ok(found)
}

fn of_step(checkpoint: Checkpoint, step: u64) -> Result<Checkpoint, CheckpointError> {
    if checkpoint.step() == step {
        return Ok(checkpoint);
    }
    Err(CheckpointError::Manifest {
        path: checkpoint.path().join(MANIFEST_FILE),
        reason: format!(
            "it is of step {}, its folder's name says {step}",
            checkpoint.step()
        ),
    })
}

/// The names that are checkpoints', with step and kind.
pub(super) fn parsed(names: &[String]) -> impl Iterator<Item = (&str, u64, Kind)> {
    names
        .iter()
        .filter_map(|name| name::parse(name).map(|(step, kind)| (name.as_str(), step, kind)))
}
