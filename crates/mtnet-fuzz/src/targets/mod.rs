//! Bodies of the fuzz targets: bytes in, read or refused out. A panic is a finding.

mod data;
mod model;
mod run_file;
mod tokenizer;
mod vectors;

use std::cell::OnceCell;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

/// What a parser made of the bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It made sense of them.
    Read,
    /// It refused them.
    Refused {
        /// The whole message, causes included.
        message: String,
        /// Whether the message names where the fault is: a line, a key, a row group, or the file
        /// where there is nothing smaller.
        placed: bool,
    },
}

/// A parser that takes files from anywhere.
#[derive(Clone, Copy, Debug)]
pub struct Target {
    /// Its name, and that of its folder in `fuzz/corpus`.
    pub name: &'static str,
    /// Words of its format.
    pub dictionary: &'static [&'static str],
    /// The body.
    pub run: fn(&[u8]) -> Outcome,
}

/// All targets.
pub const TARGETS: [Target; 16] = [
    data::JSONL,
    data::CSV,
    data::TSV,
    data::CONLL,
    data::CONLLU,
    data::PARQUET,
    tokenizer::TOKENIZER,
    tokenizer::TEXT,
    model::WEIGHTS,
    model::CONFIG,
    model::TASKS,
    model::ENCODER,
    model::MANIFEST,
    run_file::RUN_FILE,
    vectors::TEXT,
    vectors::BINARY,
];

/// The target of that name.
///
/// # Panics
/// If there is none.
pub fn target(name: &str) -> &'static Target {
    let found = TARGETS.iter().find(|target| target.name == name);
    found.unwrap_or_else(|| panic!("no target `{name}`"))
}

/// An error with its causes.
fn told(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        let message = inner.to_string();
        if !text.contains(&message) {
            text.push_str(": ");
            text.push_str(&message);
        }
        cause = inner.source();
    }
    text
}

/// A folder of this thread that bodies write their bytes into.
fn scratch() -> PathBuf {
    thread_local! {
        static FOLDER: OnceCell<TempDir> = const { OnceCell::new() };
    }
    FOLDER.with(|folder| {
        let folder = folder.get_or_init(|| tempfile::tempdir().expect("a folder to write to"));
        folder.path().to_owned()
    })
}

fn write(path: &Path, bytes: &[u8]) {
    std::fs::write(path, bytes).expect("a file that can be written");
}
