//! Checking a checkpoint against its manifest.

use std::path::{Path, PathBuf};

use super::content::{Fingerprint, read_file};
use super::{CheckpointError, Files, MANIFEST_FILE, Manifest, ManifestFile};

/// How closely files are compared with the manifest.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Verification {
    /// Their sizes: catches what was cut or never written.
    #[default]
    Sizes,
    /// Sizes and SHA-256 of their content: catches every change, at the price of reading it all.
    Hashes,
}

/// A checkpoint that checked out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    path: PathBuf,
    manifest: Manifest,
}

impl Checkpoint {
    /// Its folder.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Optimizer steps done when it was written.
    pub fn step(&self) -> u64 {
        self.manifest.step
    }

    /// What it consists of.
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// Reads one of its files, and checks what was read.
    ///
    /// # Errors
    /// If the manifest does not list it, it cannot be read, or it changed since it was written.
    pub fn read(&self, files: &dyn Files, name: &str) -> Result<Vec<u8>, CheckpointError> {
        let entry = self
            .manifest
            .file(name)
            .ok_or_else(|| CheckpointError::NoSuchFile {
                path: self.path.clone(),
                name: name.to_owned(),
            })?;
        let path = self.path.join(name);
        let mut content = Vec::new();
        let found = read_file(files, &path, |piece| content.extend_from_slice(piece))?;
        compare(&path, &found, entry)?;
        Ok(content)
    }
}

/// Checks the checkpoint in a folder against its manifest.
///
/// # Errors
/// If the manifest or a file is missing, cannot be read, or is not what was written.
pub fn verify(
    files: &dyn Files,
    folder: &Path,
    verification: Verification,
) -> Result<Checkpoint, CheckpointError> {
    let path = folder.join(MANIFEST_FILE);
    let mut text = Vec::new();
    read_file(files, &path, |piece| text.extend_from_slice(piece))?;
    let manifest = Manifest::from_bytes(&text, &path)?;
    for entry in &manifest.files {
        let path = folder.join(&entry.name);
        let bytes = files
            .size(&path)
            .map_err(CheckpointError::file("read the size of", &path))?;
        let found = match verification {
            Verification::Sizes => Fingerprint {
                bytes,
                sha256: entry.sha256.clone(),
            },
            Verification::Hashes if bytes == entry.bytes => read_file(files, &path, |_| ())?,
            // The size alone condemns it; no need to read it.
            Verification::Hashes => Fingerprint {
                bytes,
                sha256: String::new(),
            },
        };
        compare(&path, &found, entry)?;
    }
    Ok(Checkpoint {
        path: folder.to_owned(),
        manifest,
    })
}

fn compare(
    path: &Path,
    found: &Fingerprint,
    expected: &ManifestFile,
) -> Result<(), CheckpointError> {
    if found.bytes != expected.bytes {
        return Err(CheckpointError::Size {
            path: path.to_owned(),
            found: found.bytes,
            expected: expected.bytes,
        });
    }
    if found.sha256 != expected.sha256 {
        return Err(CheckpointError::Hash {
            path: path.to_owned(),
        });
    }
    Ok(())
}
