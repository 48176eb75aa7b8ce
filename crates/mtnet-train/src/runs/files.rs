//! Files that are there whole or not at all.

use std::fs;
use std::path::Path;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::trainer::TrainError;

/// Reads a JSON file of ours, `None` where there is none.
///
/// # Errors
/// If it cannot be read, or does not say what it should.
pub fn read_json<T: DeserializeOwned>(path: &Path) -> Result<Option<T>, TrainError> {
    match fs::read(path) {
        Ok(bytes) => Ok(Some(serde_json::from_slice(&bytes).map_err(json(path))?)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(TrainError::file(path)(error)),
    }
}

/// Writes a file beside its place and renames it, into a folder that is made if need be.
///
/// # Errors
/// If it cannot be written.
pub fn write(path: &Path, bytes: &[u8]) -> Result<(), TrainError> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(TrainError::file(folder))?;
    }
    let beside = path.with_extension("tmp");
    fs::write(&beside, bytes).map_err(TrainError::file(&beside))?;
    fs::rename(&beside, path).map_err(TrainError::file(path))
}

/// Writes a value as JSON, as [`write()`] does.
///
/// # Errors
/// If it cannot be written.
pub fn write_json(path: &Path, value: &impl Serialize) -> Result<(), TrainError> {
    write(path, &serde_json::to_vec(value).map_err(json(path))?)
}

fn json(path: &Path) -> impl FnOnce(serde_json::Error) -> TrainError {
    let path = path.to_owned();
    move |source| TrainError::Json { path, source }
}
