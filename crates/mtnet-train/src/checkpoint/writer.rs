//! Writing a checkpoint so that it is whole or not there.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::content::write_file;
use super::manifest::is_plain;
use super::prune::Pruning;
use super::{
    Checkpoint, CheckpointError, FileContent, Files, LocalFiles, MANIFEST_FILE, Manifest,
    ManifestFile, RunLock, Verification, name, verify,
};

/// How checkpoints are kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SaveOptions {
    /// How many of the newest checkpoints stay, the best one not counted unless it is among them;
    /// `None` (default) keeps all, and 0 counts as 1.
    pub save_total_limit: Option<usize>,
    /// How a new checkpoint is read back before older ones go. Default: sizes.
    pub verification: Verification,
}

/// What a save did.
#[derive(Debug)]
pub struct SaveReport {
    /// The new checkpoint.
    pub checkpoint: Checkpoint,
    /// Older ones that were removed.
    pub removed: Vec<PathBuf>,
    /// Why not all that should go could be removed. The new checkpoint is good all the same, and
    /// the next save tries again.
    pub pruning: Option<CheckpointError>,
}

/// Writes checkpoints into the folder that it holds the lock of.
#[derive(Debug)]
pub struct CheckpointWriter {
    lock: RunLock,
    options: SaveOptions,
    files: Arc<dyn Files>,
}

impl CheckpointWriter {
    /// A writer to the file system of this machine.
    pub fn new(lock: RunLock, options: SaveOptions) -> Self {
        Self::with_files(lock, options, Arc::new(LocalFiles))
    }

    /// A writer to other files.
    pub fn with_files(lock: RunLock, options: SaveOptions, files: Arc<dyn Files>) -> Self {
        Self {
            lock,
            options,
            files,
        }
    }

    /// The folder that checkpoints are written into.
    pub fn folder(&self) -> &Path {
        self.lock.folder()
    }

    /// Name of the folder of a step's checkpoint, `checkpoint-<step>`.
    pub fn name(step: u64) -> String {
        name::whole(step)
    }

    /// Writes `checkpoint-<step>` of these files, reads it back, and then removes older ones.
    ///
    /// `best` is the step whose checkpoint is never removed. A checkpoint of this step that is
    /// already there is replaced; where it is damaged, it is renamed and kept.
    ///
    /// # Errors
    /// If the checkpoint is not known to be whole on the disk. Those from before are still there;
    /// what was written of the new one is removed where that is possible. A later save starts
    /// afresh.
    pub fn save(
        &self,
        step: u64,
        content: Vec<(String, FileContent<'_>)>,
        best: Option<u64>,
    ) -> Result<SaveReport, CheckpointError> {
        check_names(&content)?;
        let unfinished = self.folder().join(name::unfinished(step));
        let written = self
            .write(&unfinished, step, content)
            .and_then(|()| self.commit(&unfinished, step));
        if let Err(error) = written {
            // On a full disk this makes room for the next try. If it fails too, the next save
            // does it; the error to report is the first.
            drop(self.files.remove_folder(&unfinished));
            return Err(error);
        }
        let path = self.folder().join(name::whole(step));
        let checkpoint = verify(self.files.as_ref(), &path, self.options.verification)?;
        let limit = self.options.save_total_limit;
        let mut removed = Vec::new();
        let pruning = Pruning {
            files: self.files.as_ref(),
            folder: self.folder(),
            newest: step,
            limit,
            best,
        }
        .run(&mut removed)
        .err();
        if let Some(error) = &pruning {
            tracing::warn!("old checkpoints could not all be removed: {error}");
        }
        Ok(SaveReport {
            checkpoint,
            removed,
            pruning,
        })
    }

    fn write(
        &self,
        folder: &Path,
        step: u64,
        content: Vec<(String, FileContent<'_>)>,
    ) -> Result<(), CheckpointError> {
        let files = self.files.as_ref();
        if self.names()?.contains(&name::unfinished(step)) {
            self.remove(folder)?;
        }
        files
            .create_folder(folder)
            .map_err(CheckpointError::file("create", folder))?;
        let mut entries = Vec::new();
        for (name, content) in content {
            let fingerprint = write_file(files, &folder.join(&name), content)?;
            entries.push(ManifestFile {
                name,
                bytes: fingerprint.bytes,
                sha256: fingerprint.sha256,
            });
        }
        let manifest = Manifest::new(step, entries).to_bytes();
        write_file(files, &folder.join(MANIFEST_FILE), manifest.into())?;
        self.sync(folder)
    }

    fn commit(&self, unfinished: &Path, step: u64) -> Result<(), CheckpointError> {
        let path = self.folder().join(name::whole(step));
        let names = self.names()?;
        if names.contains(&name::whole(step)) {
            // Whole, it stays findable under its other name until the new one is committed.
            let valid = verify(self.files.as_ref(), &path, Verification::Hashes).is_ok();
            let other = if valid {
                let replaced = name::replaced(step);
                if names.contains(&replaced) {
                    // Left by a save whose last removal failed; this one supersedes it.
                    self.remove(&self.folder().join(&replaced))?;
                }
                replaced
            } else {
                name::damaged(step, &names)
            };
            self.rename(&path, &self.folder().join(other))?;
        }
        self.rename(unfinished, &path)?;
        self.sync(self.folder())
    }

    fn names(&self) -> Result<Vec<String>, CheckpointError> {
        self.files
            .names(self.folder())
            .map_err(CheckpointError::file("list", self.folder()))
    }

    fn rename(&self, from: &Path, to: &Path) -> Result<(), CheckpointError> {
        self.files
            .rename(from, to)
            .map_err(CheckpointError::file("rename", from))
    }

    fn remove(&self, folder: &Path) -> Result<(), CheckpointError> {
        self.files
            .remove_folder(folder)
            .map_err(CheckpointError::file("remove", folder))
    }

    fn sync(&self, folder: &Path) -> Result<(), CheckpointError> {
        self.files
            .sync_folder(folder)
            .map_err(CheckpointError::file("sync", folder))
    }
}

fn check_names(content: &[(String, FileContent<'_>)]) -> Result<(), CheckpointError> {
    for (index, (name, _)) in content.iter().enumerate() {
        let taken = content[..index].iter().any(|(other, _)| other == name);
        if taken || !is_plain(name) {
            return Err(CheckpointError::FileName(name.clone()));
        }
    }
    Ok(())
}
