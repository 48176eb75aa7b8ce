//! The folder that a run writes to.

use std::path::{Path, PathBuf};

use super::TrainError;

/// Where a run goes: the folder that the caller or the run file names, which must not hold a run
/// yet; else the first free one of `runs/<name>`, `runs/<name>-2`, ….
///
/// # Errors
/// If the named folder already holds a run.
pub fn output_folder(name: &str, given: Option<&Path>) -> Result<PathBuf, TrainError> {
    if let Some(folder) = given {
        return match holds_a_run(folder) {
            true => Err(TrainError::FolderInUse {
                folder: folder.to_owned(),
            }),
            false => Ok(folder.to_owned()),
        };
    }
    let runs = Path::new("runs");
    let first = runs.join(name);
    if !holds_a_run(&first) {
        return Ok(first);
    }
    let mut number = 2;
    loop {
        let folder = runs.join(format!("{name}-{number}"));
        if !holds_a_run(&folder) {
            return Ok(folder);
        }
        number += 1;
    }
}

/// Whether a run has begun in a folder.
pub(super) fn holds_a_run(folder: &Path) -> bool {
    ["run.toml", "metrics.jsonl", "results.json"]
        .iter()
        .any(|name| folder.join(name).exists())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_with_a_run_in_it_is_not_written_over() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(
            output_folder("x", Some(folder.path())).unwrap(),
            folder.path()
        );
        std::fs::write(folder.path().join("metrics.jsonl"), "").unwrap();
        let message = output_folder("x", Some(folder.path()))
            .unwrap_err()
            .to_string();
        assert!(message.contains("--resume"), "{message}");
    }
}
