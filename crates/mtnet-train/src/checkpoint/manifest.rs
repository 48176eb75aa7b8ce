//! The list of a checkpoint's files, with a checksum of its own.
//!
//! `MANIFEST.json` is written in one form only, and read by writing it again: any byte that
//! differs, even a space, is damage. `manifest_sha256` is the SHA-256 of the same text with that
//! field empty.

use std::path::Path;

use serde::{Deserialize, Serialize};

use super::CheckpointError;
use super::content::sha256;

/// Name of the manifest inside a checkpoint.
pub const MANIFEST_FILE: &str = "MANIFEST.json";

/// Version of the manifest's format that this version writes, and the newest that it reads.
pub const FORMAT_VERSION: u64 = 1;

/// What a checkpoint consists of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// Version of this format.
    pub format_version: u64,
    /// Version of this crate that wrote it.
    pub crate_version: String,
    /// Optimizer steps done when it was written.
    pub step: u64,
    /// The files, in the order they were written.
    pub files: Vec<ManifestFile>,
    /// SHA-256 of the manifest with this field empty, in hexadecimal.
    pub manifest_sha256: String,
}

/// One file of a checkpoint.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ManifestFile {
    /// Its name inside the checkpoint's folder.
    pub name: String,
    /// Its size in bytes.
    pub bytes: u64,
    /// SHA-256 of its content, in hexadecimal.
    pub sha256: String,
}

impl Manifest {
    pub(super) fn new(step: u64, files: Vec<ManifestFile>) -> Self {
        let mut manifest = Self {
            format_version: FORMAT_VERSION,
            crate_version: env!("CARGO_PKG_VERSION").to_owned(),
            step,
            files,
            manifest_sha256: String::new(),
        };
        manifest.manifest_sha256 = manifest.checksum();
        manifest
    }

    /// The entry of a file.
    pub fn file(&self, name: &str) -> Option<&ManifestFile> {
        self.files.iter().find(|file| file.name == name)
    }

    /// The text of the file.
    pub(super) fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = serde_json::to_vec_pretty(self).expect("strings and numbers are JSON");
        bytes.push(b'\n');
        bytes
    }

    /// Reads and checks the text of the file at `path`.
    pub(super) fn from_bytes(bytes: &[u8], path: &Path) -> Result<Self, CheckpointError> {
        #[derive(Deserialize)]
        struct Version {
            format_version: u64,
        }
        let damaged = |reason: String| CheckpointError::Manifest {
            path: path.to_owned(),
            reason,
        };
        let version: Version =
            serde_json::from_slice(bytes).map_err(|error| damaged(error.to_string()))?;
        if version.format_version > FORMAT_VERSION {
            return Err(CheckpointError::FormatVersion {
                path: path.to_owned(),
                found: version.format_version,
                supported: FORMAT_VERSION,
            });
        }
        let manifest: Self =
            serde_json::from_slice(bytes).map_err(|error| damaged(error.to_string()))?;
        if manifest.checksum() != manifest.manifest_sha256 || manifest.to_bytes() != bytes {
            return Err(damaged(
                "its text does not have its own checksum".to_owned(),
            ));
        }
        // Only a crafted manifest gets here with one: it must not lead out of the folder.
        if let Some(file) = manifest.files.iter().find(|file| !is_plain(&file.name)) {
            return Err(damaged(format!(
                "file name `{}` is no plain name",
                file.name
            )));
        }
        Ok(manifest)
    }

    fn checksum(&self) -> String {
        let unsigned = Self {
            manifest_sha256: String::new(),
            ..self.clone()
        };
        sha256(&unsigned.to_bytes())
    }
}

/// Whether a name stays inside its folder and is not the manifest's own.
pub(super) fn is_plain(name: &str) -> bool {
    !name.is_empty()
        && !name.starts_with('.')
        && !name.contains(['/', '\\', ':', '\0'])
        && name != MANIFEST_FILE
}
