//! What a reader needs to know of a file, whether a data set or a join states it.

use super::{DatasetConfig, FieldName, Format, JoinConfig};

/// The layout of a file.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Source<'a> {
    pub format: Format,
    pub header: bool,
    pub delimiter: Option<char>,
    pub quote: Option<bool>,
    pub columns: Option<&'a [String]>,
    pub separator: Option<char>,
    pub document_mark: &'a str,
    pub tokens: Option<&'a FieldName>,
}

impl Source<'_> {
    /// The column delimiter of a table.
    pub fn delimiter(&self) -> char {
        let default = if self.format == Format::Tsv {
            '\t'
        } else {
            ','
        };
        self.delimiter.unwrap_or(default)
    }

    /// Whether fields of a table may be quoted.
    pub fn quote(&self) -> bool {
        self.quote.unwrap_or(self.format == Format::Csv)
    }
}

impl DatasetConfig {
    pub(crate) fn source(&self) -> Source<'_> {
        Source {
            format: self.format,
            header: self.header,
            delimiter: self.delimiter,
            quote: self.quote,
            columns: self.columns.as_deref(),
            separator: self.separator,
            document_mark: &self.document_mark,
            tokens: self.tokens.as_ref(),
        }
    }
}

impl JoinConfig {
    pub(crate) fn source(&self) -> Source<'_> {
        Source {
            format: self.format,
            header: self.header,
            delimiter: self.delimiter,
            quote: self.quote,
            columns: self.columns.as_deref(),
            separator: self.separator,
            document_mark: &self.document_mark,
            tokens: self.tokens.as_ref(),
        }
    }
}
