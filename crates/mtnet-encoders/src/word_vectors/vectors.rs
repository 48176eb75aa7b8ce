//! Words and their vectors.

use std::path::Path;

use super::{WordVectorsProblem, binary, folder, text};
use crate::EncoderError;

/// A vector for each of some words, most frequent first as files have them.
#[derive(Clone, Debug, PartialEq)]
pub struct WordVectors {
    words: Vec<String>,
    dim: usize,
    data: Vec<f32>,
}

impl WordVectors {
    /// Reads a file by its name: a folder or a `.safetensors` file with `vocab.txt` beside it,
    /// word2vec's binary form in `.bin`, and text otherwise, with word2vec's header or without one
    /// (GloVe). If a word comes twice, its first vector counts.
    ///
    /// # Errors
    /// If the file cannot be read or is malformed, with the line or the vector.
    pub fn open(path: &Path) -> Result<Self, EncoderError> {
        let extension = path.extension().and_then(|extension| extension.to_str());
        if path.is_dir() {
            return folder::read(&path.join("model.safetensors"));
        }
        match extension {
            Some("safetensors") => folder::read(path),
            Some("bin") => binary::read(path),
            Some("gz" | "zip" | "bz2" | "xz" | "zst") => {
                Err(problem(path, "", WordVectorsProblem::Compressed))
            }
            _ => text::read(path),
        }
    }

    /// Vectors by words: `data (words, dim)`, row-major.
    ///
    /// # Panics
    /// If `data` does not hold `dim` numbers a word.
    pub fn new(words: Vec<String>, dim: usize, data: Vec<f32>) -> Self {
        assert_eq!(data.len(), words.len() * dim, "dim numbers a word");
        Self { words, dim, data }
    }

    /// The words.
    pub fn words(&self) -> &[String] {
        &self.words
    }

    /// How many numbers a vector has.
    pub fn dim(&self) -> usize {
        self.dim
    }

    /// The numbers, `(words, dim)`, row-major.
    pub fn data(&self) -> &[f32] {
        &self.data
    }

    /// The vector of a row.
    pub(super) fn row(&self, index: usize) -> &[f32] {
        &self.data[index * self.dim..][..self.dim]
    }
}

/// The error for something wrong at a place of a file.
pub(super) fn problem(
    path: &Path,
    place: impl Into<String>,
    problem: WordVectorsProblem,
) -> EncoderError {
    EncoderError::WordVectors {
        path: path.to_owned(),
        place: place.into(),
        problem,
    }
}

/// `, line N`.
pub(super) fn line(number: usize) -> String {
    format!(", line {number}")
}
