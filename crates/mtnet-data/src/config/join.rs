//! One `[[dataset.join]]`: a further file about the same examples.

use std::path::PathBuf;

use mtnet_core::Split;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::dataset::{default_document_mark, yes};
use super::{FieldName, Format, OneOrMany};

/// A file whose fields are added to the examples that have the same key.
///
/// An example without a partner, or whose partner has other words than a tagging task needs, has
/// no target from this file; both are counted in the report.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct JoinConfig {
    /// Format of the files.
    pub format: Format,
    /// The field that both sides have, such as `sent_id`.
    pub on: FieldName,
    /// File or files for the examples of the training file, and of splits taken from it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub train: Option<OneOrMany<PathBuf>>,
    /// File or files for the examples of the development file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dev: Option<OneOrMany<PathBuf>>,
    /// File or files for the examples of the test file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub test: Option<OneOrMany<PathBuf>>,
    /// Put before the name of each of its fields, where both sides use one name. Default nothing;
    /// then the data set's own field comes first.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub prefix: String,
    /// Field of its words, as for the data set; only to see that they are the same.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tokens: Option<FieldName>,
    /// Whether the first row of a CSV or TSV file names the columns. Default true.
    #[serde(default = "yes")]
    pub header: bool,
    /// Column delimiter of CSV (default `,`) and TSV (default tab).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delimiter: Option<char>,
    /// Whether CSV (default true) or TSV (default false) fields may be quoted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quote: Option<bool>,
    /// Names of the columns in order, as for the data set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub columns: Option<Vec<String>>,
    /// Column separator of CoNLL, as for the data set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub separator: Option<char>,
    /// First column of a CoNLL line that marks a document. Default `-DOCSTART-`.
    #[serde(default = "default_document_mark")]
    pub document_mark: String,
}

impl JoinConfig {
    /// The files that go with a split's files.
    pub fn files(&self, split: Split) -> &[PathBuf] {
        let files = match split {
            Split::Train => &self.train,
            Split::Dev => &self.dev,
            Split::Test => &self.test,
        };
        files.as_ref().map_or(&[], OneOrMany::as_slice)
    }
}
