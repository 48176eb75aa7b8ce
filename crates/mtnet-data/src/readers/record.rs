//! One example as its file states it, before anybody asks for labels.

use std::collections::BTreeMap;
use std::sync::Arc;

/// The examples of a file.
#[derive(Debug, Default)]
pub(crate) struct Table {
    /// Names of the fields that every record could have, such as those of a header.
    pub fields: Vec<String>,
    pub records: Vec<Record>,
    /// Word lines left out because their word is empty.
    pub empty_words: usize,
}

/// One object, row or sentence.
#[derive(Debug, Default)]
pub(crate) struct Record {
    /// The line it begins on, from 1.
    pub line: usize,
    /// The line it ends on.
    pub last_line: usize,
    /// Where it stands in the file's own structure, for messages.
    pub within: Option<Arc<String>>,
    /// Fields of the whole example: keys, cells, comments.
    pub fields: BTreeMap<Arc<str>, FieldValue>,
    /// Fields with one value a word: columns of a CoNLL sentence.
    pub columns: BTreeMap<Arc<str>, Vec<String>>,
    /// The words in order of a CoNLL sentence, as they are written.
    pub surfaces: Option<Vec<Surface>>,
}

/// What a field holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum FieldValue {
    /// JSON null.
    Null,
    /// A string, a cell, a comment.
    Text(String),
    /// A JSON number or truth value, as written.
    Scalar(String),
    /// A JSON list of strings, numbers, truth values and nulls.
    List(Vec<Option<String>>),
    /// Any other JSON value.
    Nested,
}

impl FieldValue {
    /// The kind, for messages.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Text(_) => "text",
            Self::Scalar(_) => "a number or truth value",
            Self::List(_) => "a list",
            Self::Nested => "an object or a list of lists",
        }
    }
}

/// A piece of running text that holds one word, or several where they are written as one
/// (a multiword token of CoNLL-U, such as French `du` for `de le`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Surface {
    /// As written.
    pub form: String,
    /// The words in it, at least one.
    pub words: Vec<String>,
    /// Whether a separator follows it.
    pub space_after: bool,
}

impl Surface {
    /// A word that is written as it is.
    pub fn word(form: &str) -> Self {
        Self {
            form: form.to_owned(),
            words: vec![form.to_owned()],
            space_after: true,
        }
    }
}
