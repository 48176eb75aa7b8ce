//! The paths that a run file names.

use std::path::{Path, PathBuf};

use mtnet_data::OneOrMany;

use super::super::RunConfig;

/// Changes the path of every data file, of the teachers and of the word vectors.
pub(super) fn map_inputs(config: &mut RunConfig, change: impl Fn(&Path) -> PathBuf) {
    let change_all = |files: &mut Option<OneOrMany<PathBuf>>| {
        *files = files.as_ref().map(|files| {
            let files: Vec<PathBuf> = files.as_slice().iter().map(|file| change(file)).collect();
            files.into()
        });
    };
    for dataset in &mut config.dataset {
        for files in [&mut dataset.train, &mut dataset.dev, &mut dataset.test] {
            change_all(files);
        }
        for join in &mut dataset.join {
            for files in [&mut join.train, &mut join.dev, &mut join.test] {
                change_all(files);
            }
        }
    }
    for task in &mut config.task {
        task.teacher = task.teacher.as_deref().map(&change);
    }
    let vectors = &mut config.encoder.word_vectors;
    *vectors = vectors.as_deref().map(&change);
}

/// Puts `base` before every relative path.
pub(super) fn make_absolute(config: &mut RunConfig, base: &Path) {
    map_inputs(config, |path| base.join(path));
    for path in [&mut config.run.output, &mut config.run.cache] {
        *path = path.as_ref().map(|path| base.join(path));
    }
    // A name that is no folder is looked for among the hub's models.
    if let Some(from) = &mut config.encoder.from {
        let folder = base.join(&*from);
        if folder.is_dir() {
            *from = folder.display().to_string();
        }
    }
}
