//! Files that a run file names and that are not there.

use std::path::Path;

use mtnet_core::Split;

use super::super::RunConfig;
use super::super::load::Places;
use super::{Report, RunFileError, RunFileProblem};

/// The first file that is not there.
pub(in super::super) fn check_files(
    config: &RunConfig,
    base: &Path,
    places: Option<&Places>,
) -> Result<(), RunFileError> {
    let report = Report { places };
    let check = |path: &str, key: String, file: &Path, is_there: bool| {
        if is_there {
            return Ok(());
        }
        Err(report.error(
            path,
            RunFileProblem::MissingFile {
                key,
                path: file.to_owned(),
            },
        ))
    };
    for (index, dataset) in config.dataset.iter().enumerate() {
        let own = Split::ALL.map(|split| (split.as_str().to_owned(), dataset.files(split)));
        let joined = dataset.join.iter().enumerate().flat_map(|(number, join)| {
            Split::ALL.map(|split| (format!("join.{number}.{split}"), join.files(split)))
        });
        for (key, files) in own.into_iter().chain(joined) {
            for file in files.iter().map(|file| base.join(file)) {
                let path = format!("dataset.{index}.{key}");
                check(
                    &path,
                    format!("dataset.{}.{key}", dataset.name),
                    &file,
                    file.is_file(),
                )?;
            }
        }
    }
    for (index, task) in config.task.iter().enumerate() {
        if let Some(teacher) = &task.teacher {
            // What makes a folder a model of ours.
            let file = base.join(teacher).join("tasks.json");
            let key = format!("task.{}.teacher", task.name);
            let is_there = file.is_file();
            check(&format!("task.{index}.teacher"), key, &file, is_there)?;
        }
    }
    if let Some(vectors) = &config.encoder.word_vectors {
        // A file of vectors, or a folder.
        let vectors = base.join(vectors);
        let key = "encoder.word_vectors";
        check(key, key.to_owned(), &vectors, vectors.exists())?;
    }
    Ok(())
}
