//! A run in its folder: finished, begun, or not there yet.

use std::fs;
use std::path::{Path, PathBuf};

use mtnet_core::Split;

use super::files::read_json;
use crate::checkpoint::{LocalFiles, latest_valid};
use crate::run_file::RunFile;
use crate::trainer::{RunResults, TrainError, TrainOptions};

/// A run that is trained once, however often its program is killed and started again.
#[derive(Clone, Debug)]
pub struct KeptRun {
    /// Its run file, paths absolute.
    pub run: RunFile,
    /// Its folder.
    pub folder: PathBuf,
}

/// What was found in the folder of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Found {
    /// Results and a model.
    Results,
    /// A checkpoint.
    Begun,
    /// Nothing that helps.
    Nothing,
}

impl KeptRun {
    /// Looks what was left of it.
    ///
    /// # Errors
    /// If its folder cannot be read.
    pub fn found(&self) -> Result<Found, TrainError> {
        if self.model().join("tasks.json").is_file() && self.folder.join("results.json").is_file() {
            return Ok(Found::Results);
        }
        match latest_valid(&LocalFiles, &self.folder)?.latest {
            Some(_) => Ok(Found::Begun),
            None => Ok(Found::Nothing),
        }
    }

    /// The results that it left, or what `train` comes to from its newest checkpoint or from the
    /// beginning.
    ///
    /// # Errors
    /// If its folder cannot be read, or `train` fails.
    pub fn finish(
        &self,
        train: impl FnOnce(&RunFile, &TrainOptions) -> Result<RunResults, TrainError>,
    ) -> Result<RunResults, TrainError> {
        let found = self.found()?;
        if found == Found::Results
            && let Some(results) = read_json(&self.folder.join("results.json"))?
        {
            return Ok(results);
        }
        if found != Found::Begun && self.folder.exists() {
            // A run that was killed before its first checkpoint begins again.
            fs::remove_dir_all(&self.folder).map_err(TrainError::file(&self.folder))?;
        }
        let options = TrainOptions {
            output: self.folder.clone(),
            resume: found == Found::Begun,
        };
        train(&self.run, &options)
    }

    /// The model that it leaves.
    pub fn model(&self) -> PathBuf {
        self.folder.join("model")
    }

    /// A finished run needs its model only.
    ///
    /// # Errors
    /// If a checkpoint cannot be removed.
    pub fn drop_checkpoints(&self) -> Result<(), TrainError> {
        drop_checkpoints(&self.folder)
    }
}

/// The run with those tasks alone that have such data; `None` where none has.
pub fn with_split(run: &RunFile, split: Split) -> Option<RunFile> {
    let mut part = run.clone();
    let datasets = &run.config.dataset;
    part.config.task.retain(|task| {
        let names = task.dataset.as_slice();
        let mut used = datasets
            .iter()
            .filter(|dataset| names.contains(&dataset.name));
        used.any(|dataset| dataset.has(split))
    });
    (!part.config.task.is_empty()).then_some(part)
}

/// Removes every checkpoint in the folder of a run.
///
/// # Errors
/// If one cannot be removed.
pub fn drop_checkpoints(folder: &Path) -> Result<(), TrainError> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(TrainError::file(folder)(error)),
    };
    for entry in entries.flatten() {
        let path = entry.path();
        if entry
            .file_name()
            .to_string_lossy()
            .starts_with("checkpoint-")
            && path.is_dir()
        {
            fs::remove_dir_all(&path).map_err(TrainError::file(&path))?;
        }
    }
    Ok(())
}
