//! Removing checkpoints that are no longer wanted.

use std::path::{Path, PathBuf};

use super::find::parsed;
use super::name::{self, Kind};
use super::{CheckpointError, Files, Verification, verify};

/// One round of removals: of valid checkpoints but the `limit` newest and the best one, and of
/// the leftovers of saves and removals that did not come to their end.
///
/// Only the holder of the folder's lock runs it, when the checkpoint of step `newest` has been
/// verified. Damaged checkpoints are left alone and do not count.
pub(super) struct Pruning<'a> {
    pub files: &'a dyn Files,
    pub folder: &'a Path,
    /// The step of the checkpoint that was just written. It counts as the newest even where one
    /// of a later step lies beside it, from a run that then went on from an earlier one.
    pub newest: u64,
    pub limit: Option<usize>,
    pub best: Option<u64>,
}

impl Pruning<'_> {
    /// Adds the checkpoints that it removes to `removed`, and stops at the first error.
    pub fn run(&self, removed: &mut Vec<PathBuf>) -> Result<(), CheckpointError> {
        let names = self
            .files
            .names(self.folder)
            .map_err(CheckpointError::file("list", self.folder))?;
        // First, since their names are where checkpoints go to be removed.
        for name in of_kind(&names, Kind::Unfinished).map(|(name, _)| name) {
            self.remove(&self.folder.join(name))?;
        }
        for (name, step) in of_kind(&names, Kind::Replaced) {
            if self.is_superseded(step) {
                self.rename_and_remove(name, step)?;
            }
        }
        let Some(limit) = self.limit else {
            return Ok(());
        };
        let mut older: Vec<u64> = of_kind(&names, Kind::Whole)
            .map(|(_, step)| step)
            .filter(|&step| step != self.newest)
            .collect();
        older.sort_unstable_by(|left, right| right.cmp(left));
        let mut kept = 1;
        for step in older {
            if !self.is_valid(step, Verification::Sizes) {
                continue;
            }
            if kept < limit || self.best == Some(step) {
                kept += 1;
                continue;
            }
            let name = name::whole(step);
            self.rename_and_remove(&name, step)?;
            removed.push(self.folder.join(name));
        }
        Ok(())
    }

    /// Whether a valid checkpoint has taken the place of a replaced one. Without one, the replaced
    /// one is its step's checkpoint still.
    fn is_superseded(&self, step: u64) -> bool {
        step == self.newest || self.is_valid(step, Verification::Hashes)
    }

    fn is_valid(&self, step: u64, verification: Verification) -> bool {
        let path = self.folder.join(name::whole(step));
        verify(self.files, &path, verification).is_ok()
    }

    /// Renames first: a removal that is killed halfway must not leave what looks like a damaged
    /// checkpoint.
    fn rename_and_remove(&self, name: &str, step: u64) -> Result<(), CheckpointError> {
        let path = self.folder.join(name);
        let unfinished = self.folder.join(name::unfinished(step));
        self.files
            .rename(&path, &unfinished)
            .map_err(CheckpointError::file("rename", &path))?;
        self.remove(&unfinished)
    }

    fn remove(&self, path: &Path) -> Result<(), CheckpointError> {
        self.files
            .remove_folder(path)
            .map_err(CheckpointError::file("remove", path))
    }
}

fn of_kind(names: &[String], wanted: Kind) -> impl Iterator<Item = (&str, u64)> {
    parsed(names)
        .filter(move |&(_, _, kind)| kind == wanted)
        .map(|(name, step, _)| (name, step))
}
