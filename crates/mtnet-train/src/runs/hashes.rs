//! What names a run: everything that its weights depend on.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use mtnet_core::Split;
use mtnet_data::{sha256, sha256_file};

use crate::run_file::RunFile;
use crate::trainer::TrainError;

/// Letters of a hash in the name of a folder.
const LETTERS: usize = 12;

/// Hashes of files, each read once.
#[derive(Debug, Default)]
pub struct Hashes {
    files: BTreeMap<PathBuf, String>,
}

impl Hashes {
    /// Hash of everything that the run's weights depend on: its settings, the content of its data
    /// files, teachers, word vectors and published encoder, and the version of this program.
    ///
    /// # Errors
    /// If a file cannot be read.
    pub fn of_run(&mut self, run: &RunFile) -> Result<String, TrainError> {
        let mut all = format!("{} {}", env!("CARGO_PKG_VERSION"), run.content_hash());
        for file in inputs(run) {
            all.push(' ');
            all.push_str(self.of_file(&run.resolve(&file))?);
        }
        Ok(sha256(all.as_bytes())[..LETTERS].to_owned())
    }

    fn of_file(&mut self, path: &Path) -> Result<&str, TrainError> {
        if !self.files.contains_key(path) {
            // Of a folder of weights, what names them decides.
            let file = match path.is_dir() {
                true => path.join("model.safetensors"),
                false => path.to_owned(),
            };
            let hash = match file.is_file() {
                true => sha256_file(&file).map_err(TrainError::file(&file))?,
                // A hub name, or a folder in another layout: its name must do.
                false => path.display().to_string(),
            };
            self.files.insert(path.to_owned(), hash);
        }
        Ok(&self.files[path])
    }
}

fn inputs(run: &RunFile) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for dataset in &run.config.dataset {
        for split in Split::ALL {
            files.extend_from_slice(dataset.files(split));
            for join in &dataset.join {
                let joined = match split {
                    Split::Train => &join.train,
                    Split::Dev => &join.dev,
                    Split::Test => &join.test,
                };
                files.extend(joined.iter().flat_map(|files| files.as_slice().to_vec()));
            }
        }
    }
    let tasks = run.config.task.iter();
    files.extend(tasks.filter_map(|task| task.teacher.clone()));
    files.extend(run.config.encoder.word_vectors.clone());
    files.extend(run.config.encoder.from.clone().map(PathBuf::from));
    files
}
