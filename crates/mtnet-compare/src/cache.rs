//! Where a run of a comparison lies: in a folder named by the content of run file and data.

use std::fs;
use std::path::{Path, PathBuf};

pub(crate) use mtnet_train::runs::Hashes;

use crate::CompareError;

/// The folder below `parent` that ends in that hash, or where it should be made.
///
/// # Errors
/// If `parent` cannot be listed.
pub fn run_folder(parent: &Path, label: &str, hash: &str) -> Result<PathBuf, CompareError> {
    let ending = format!("-{hash}");
    let entries = match fs::read_dir(parent) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            return Ok(parent.join(format!("{label}{ending}")));
        }
        Err(error) => return Err(CompareError::file(parent)(error)),
    };
    let mut found: Vec<PathBuf> = entries
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.to_string_lossy().ends_with(&ending))
        .collect();
    found.sort();
    Ok(match found.into_iter().next() {
        Some(known) => known,
        None => parent.join(format!("{label}{ending}")),
    })
}
