//! What reading a split found besides its examples.

use std::collections::BTreeMap;
use std::path::PathBuf;

use mtnet_core::TaskName;
use serde::Serialize;

use crate::config::FieldName;

/// Counts that nobody should have to guess.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ReadReport {
    /// The files that were read, those of joins behind the data set's own.
    pub files: Vec<FileReport>,
    /// Examples of the split.
    pub examples: usize,
    /// Examples without a character of text.
    pub empty_texts: usize,
    /// Lines of the files that tag an empty word, left out.
    pub empty_words: usize,
    /// Examples whose words were not found in their running text, so that words joined by
    /// `join_words` take its place.
    pub unlocated: usize,
    /// Rows that were left out, as `on_bad_row` allows. Those of a file that several splits are
    /// cut from count for the training split.
    pub bad_rows: usize,
    /// What was wrong with the first of them, at most five.
    pub first_bad_rows: Vec<String>,
    /// Examples without a target, by task.
    pub missing: BTreeMap<TaskName, usize>,
    /// What came of each join.
    pub joins: Vec<JoinReport>,
}

/// A file as it was when read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FileReport {
    /// The file.
    pub path: PathBuf,
    /// SHA-256 of its bytes, in hexadecimal.
    pub sha256: String,
    /// Examples in it, before any split or limit.
    pub examples: usize,
}

/// How many examples found a partner in a joined file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct JoinReport {
    /// The key field.
    pub on: FieldName,
    /// Examples with a partner.
    pub matched: usize,
    /// Examples without one.
    pub unmatched: usize,
    /// Examples whose partner has other words, so that its tags were left out.
    pub other_words: usize,
}
