//! What a model's own training started from, as the run folder around it says.

use std::path::{Path, PathBuf};

use mtnet_encoders::EncoderConfig;
use mtnet_train::run_file::RunFile;

use crate::ExtendError;

/// Models that were extended again and again are followed so far.
const MOST_LINKS: usize = 32;

/// The `[encoder]` table of the run that trained the model; of a model that was extended, that of
/// the first of its ancestors.
pub(crate) fn origin(model: &Path) -> Result<EncoderConfig, ExtendError> {
    let unknown = |problem: String| ExtendError::Origin {
        model: model.to_owned(),
        problem,
    };
    let mut link = model.to_owned();
    for _ in 0..MOST_LINKS {
        let around = link.parent().unwrap_or(Path::new(""));
        let candidates = [around.join("run.toml"), around.join("training/run.toml")];
        // A run leaves both; a run file of somebody's that lies there by chance stands alone.
        let left_by_run = |path: &&PathBuf| path.is_file() && path.with_extension("json").is_file();
        let Some(path) = candidates.iter().find(left_by_run) else {
            return Err(unknown(format!(
                "no run folder is around it, with {} and run.json",
                candidates[0].display()
            )));
        };
        let encoder = RunFile::load(path, &[])?.config.encoder;
        match &encoder.from {
            Some(from) if Path::new(from).join("tasks.json").is_file() => link = from.into(),
            _ => return Ok(encoder),
        }
    }
    Err(unknown(format!(
        "it leads back over more than {MOST_LINKS} models"
    )))
}
