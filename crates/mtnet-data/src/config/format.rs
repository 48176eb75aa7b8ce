//! The formats that can be read.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How a data file is laid out. Every format but Parquet is UTF-8, with or without a byte order
/// mark, with lines that end in LF or CRLF.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Format {
    /// JSON Lines: one object a line.
    Jsonl,
    /// Comma-separated values with quoted fields (RFC 4180).
    Csv,
    /// Tab-separated values, split at tabs, without quoting.
    Tsv,
    /// One word a line with its tags in columns, a blank line between sentences.
    Conll,
    /// Universal Dependencies: CoNLL with ten tab-separated columns.
    Conllu,
    /// Apache Parquet: columns of a table, one row an example; places count rows from 1. Labels of
    /// a column that the file declares as classes (`ClassLabel` of Hugging Face `datasets`) are
    /// read by their names.
    Parquet,
    /// SQuAD 1.1 or 2.0: one JSON document of articles, paragraphs and questions. Each question is
    /// an example, a pair of `question` and `context`, its label in the fields `answer` and
    /// `answer_start`; places count questions from 1.
    Squad,
}

impl Format {
    /// The name that stands in a run file.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Jsonl => "jsonl",
            Self::Csv => "csv",
            Self::Tsv => "tsv",
            Self::Conll => "conll",
            Self::Conllu => "conllu",
            Self::Parquet => "parquet",
            Self::Squad => "squad",
        }
    }

    pub(crate) fn is_delimited(self) -> bool {
        matches!(self, Self::Csv | Self::Tsv)
    }

    pub(crate) fn has_word_lines(self) -> bool {
        matches!(self, Self::Conll | Self::Conllu)
    }

    /// What an example looks like, for the message about a file without one.
    pub(crate) fn example(self) -> &'static str {
        match self {
            Self::Jsonl => "one JSON object a line",
            Self::Csv | Self::Tsv => {
                "one row an example (below the header, unless `header = false`)"
            }
            Self::Conll => "one word a line and a blank line between sentences",
            Self::Conllu => "sentences of ten tab-separated columns with a blank line between them",
            Self::Parquet => "one row an example",
            Self::Squad => "articles with paragraphs with questions",
        }
    }
}
