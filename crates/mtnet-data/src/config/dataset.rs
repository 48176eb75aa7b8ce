//! One `[[dataset]]` of a run file.

use std::path::PathBuf;

use mtnet_core::{DatasetName, Split};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{FieldName, Format, JoinConfig, OnBadRow, OneOrMany};

/// Where examples come from and how their files are read. Which of their fields are labels is
/// said by the tasks.
///
/// ```
/// let config: mtnet_data::DatasetConfig = toml::from_str(r#"
///     name = "ewt"
///     format = "conllu"
///     train = "ewt/train.conllu"
///     dev = ["ewt/dev-1.conllu", "ewt/dev-2.conllu"]
///     test_fraction = 0.1
///
///     [[join]]
///     format = "conll"
///     columns = ["index", "token", "tag"]
///     train = "ewt/train.iob2"
///     on = "sent_id"
/// "#)?;
/// config.check()?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DatasetConfig {
    /// Name that tasks refer to.
    #[schemars(with = "String")]
    pub name: DatasetName,
    /// Format of the files: `jsonl`, `csv`, `tsv`, `conll`, `conllu`, `parquet` or `squad`.
    pub format: Format,
    /// Its licence, for the model card.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub license: Option<String>,
    /// Training file or files. A relative path counts from the folder of the run file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub train: Option<OneOrMany<PathBuf>>,
    /// Development file or files.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dev: Option<OneOrMany<PathBuf>>,
    /// Test file or files.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub test: Option<OneOrMany<PathBuf>>,
    /// Share of the training texts set aside for development, between 0 and 1, where there is no
    /// development file. Examples with the same text stay on one side.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dev_fraction: Option<f64>,
    /// Share of the training texts set aside for testing, between 0 and 1, where there is no test
    /// file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub test_fraction: Option<f64>,
    /// Seed of the split by fractions; its own, so that runs with other seeds keep the split.
    /// Default 42.
    #[serde(default = "default_split_seed")]
    pub split_seed: u64,
    /// Field of the text. Default `text`, or the words of `tokens` joined. In CoNLL formats the
    /// comment that holds the running text, default `text`; in SQuAD files `question`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<FieldName>,
    /// Field of the second text of a pair. None by default, but `context` in SQuAD files.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text_b: Option<FieldName>,
    /// Field of the words: a JSON list, or words separated by blanks. With `text` given as well,
    /// they are located in it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tokens: Option<FieldName>,
    /// Field that identifies an example; predictions carry it. None by default, but `id` in SQuAD
    /// files.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<FieldName>,
    /// Whether the first row of a CSV or TSV file names the columns. Default true.
    #[serde(default = "yes")]
    pub header: bool,
    /// Column delimiter of CSV (default `,`) and TSV (default tab).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delimiter: Option<char>,
    /// Whether CSV (default true) or TSV (default false) fields may be quoted as in RFC 4180.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quote: Option<bool>,
    /// Names of the columns in order, for CoNLL and for tables without a header; `_` for a column
    /// that is not needed. CoNLL needs one named `token`; its default is `token` for the first,
    /// `tag` for the last and the number from 0 for those between.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub columns: Option<Vec<String>>,
    /// Column separator of CoNLL. Default: tabs where a line has one, otherwise runs of blanks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub separator: Option<char>,
    /// First column of a CoNLL line that marks a document. Default `-DOCSTART-`.
    #[serde(default = "default_document_mark")]
    pub document_mark: String,
    /// What stands between words whose running text is not known: a blank (default), or nothing
    /// for a script without blanks.
    #[serde(default = "default_join_words")]
    pub join_words: String,
    /// What separates the labels in a cell that holds several.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label_separator: Option<String>,
    /// What is tagged: the words as `given` (default), or `characters`, which splits each word of
    /// CJK characters and extends its tag over them.
    #[serde(default)]
    pub words: Words,
    /// What becomes of rows that cannot be used: `error` (default) ends the reading at the first,
    /// `skip` leaves them out and counts them, `{ limit = N }` does so with up to N of each split.
    #[serde(default, skip_serializing_if = "is_error")]
    pub on_bad_row: OnBadRow,
    /// Only the first so many examples of each split.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<usize>,
    /// Further files whose fields are added to the examples.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub join: Vec<JoinConfig>,
}

/// What counts as a word of a tagged text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Words {
    /// The words of the file.
    #[default]
    Given,
    /// Each character of a word made only of Chinese characters or kana; other words as given.
    Characters,
}

impl DatasetConfig {
    /// A data set of that name and format, with every other key at its default.
    pub fn new(name: DatasetName, format: Format) -> Self {
        Self {
            name,
            license: None,
            format,
            train: None,
            dev: None,
            test: None,
            dev_fraction: None,
            test_fraction: None,
            split_seed: default_split_seed(),
            text: None,
            text_b: None,
            tokens: None,
            id: None,
            header: true,
            delimiter: None,
            quote: None,
            columns: None,
            separator: None,
            document_mark: default_document_mark(),
            join_words: default_join_words(),
            label_separator: None,
            words: Words::Given,
            on_bad_row: OnBadRow::Error,
            limit: None,
            join: Vec::new(),
        }
    }

    /// Field of the text, `None` where the words of `tokens` make it.
    pub(crate) fn text_field(&self) -> Option<&str> {
        let named = self.text.as_ref().map(FieldName::as_str);
        named.or((self.format == Format::Squad).then_some("question"))
    }

    /// Field of the second text of a pair.
    pub(crate) fn second_field(&self) -> Option<&str> {
        let named = self.text_b.as_ref().map(FieldName::as_str);
        named.or((self.format == Format::Squad).then_some("context"))
    }

    /// Field that identifies an example.
    pub(crate) fn id_field(&self) -> Option<&str> {
        let named = self.id.as_ref().map(FieldName::as_str);
        named.or((self.format == Format::Squad).then_some("id"))
    }

    /// Whether its examples are pairs of texts.
    pub fn has_pairs(&self) -> bool {
        self.second_field().is_some()
    }

    /// The files of a split, none where it has no file of its own.
    pub fn files(&self, split: Split) -> &[PathBuf] {
        let files = match split {
            Split::Train => &self.train,
            Split::Dev => &self.dev,
            Split::Test => &self.test,
        };
        files.as_ref().map_or(&[], OneOrMany::as_slice)
    }

    /// The share of the training texts that a split takes, `None` where it does not.
    pub fn fraction(&self, split: Split) -> Option<f64> {
        match split {
            Split::Train => None,
            Split::Dev => self.dev_fraction,
            Split::Test => self.test_fraction,
        }
    }

    /// Whether the data set has that split, by a file or by a fraction.
    pub fn has(&self, split: Split) -> bool {
        !self.files(split).is_empty() || self.fraction(split).is_some()
    }
}

pub(super) fn yes() -> bool {
    true
}

pub(super) fn default_document_mark() -> String {
    "-DOCSTART-".to_owned()
}

fn is_error(policy: &OnBadRow) -> bool {
    *policy == OnBadRow::Error
}

fn default_join_words() -> String {
    " ".to_owned()
}

fn default_split_seed() -> u64 {
    42
}
