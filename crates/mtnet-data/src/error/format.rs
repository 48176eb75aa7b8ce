//! How a line can break the format of its file.

use super::hints::counted;

/// What is wrong with one line of a data file.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FormatError {
    /// Bytes that are no text.
    #[error(
        "byte {byte} of the line is 0x{value:02x}, which is not UTF-8; convert the file, for example with `iconv -f GB18030 -t UTF-8`, or repair the line"
    )]
    Utf8 {
        /// The first bad byte of the line, from 1.
        byte: usize,
        /// Its value.
        value: u8,
    },
    /// Not JSON.
    #[error("not JSON at column {column}: {problem}")]
    Json {
        /// Column in bytes, from 1.
        column: usize,
        /// What the parser met, and the remedy where one is known.
        problem: String,
    },
    /// JSON, but no object.
    #[error(
        "found {found}, expected one JSON object a line, such as {{\"text\": \"…\", \"label\": \"…\"}}; write a file that is one long list as one object a line"
    )]
    NotAnObject {
        /// What the line holds.
        found: &'static str,
    },
    /// A quote that is never closed.
    #[error(
        "the quoted field that opens at column {column} is never closed; close it, write a quote inside a field twice (\"\"), or set `quote = false`"
    )]
    UnbalancedQuote {
        /// Column in bytes, from 1.
        column: usize,
    },
    /// Text between a closing quote and the next delimiter.
    #[error(
        "found `{found}` behind the closing quote of the field that opens on line {opened}, expected the delimiter or the end of the line; write a quote inside a field twice (\"\"), or set `quote = false`"
    )]
    AfterQuote {
        /// The character behind it.
        found: char,
        /// The line that the field opens on.
        opened: usize,
    },
    /// A row that is longer or shorter than the others.
    #[error("found {}, expected {expected} ({columns}); {remedy}", counted(*.found, "column"))]
    ColumnCount {
        /// Columns of this line.
        found: usize,
        /// Columns of a proper one.
        expected: usize,
        /// Where the expectation comes from.
        columns: String,
        /// What to do.
        remedy: &'static str,
    },
    /// Two columns of one name.
    #[error(
        "column `{0}` is there twice, and either could be meant; rename one in the header, or set `header = false` and name the columns by `columns`"
    )]
    DuplicateColumn(String),
    /// A cell of a Parquet file that is no text, number or list of them.
    #[error("column `{column}`: {problem}; write the column as text or numbers")]
    Cell {
        /// The column.
        column: String,
        /// What it holds.
        problem: String,
    },
    /// A part of a SQuAD file that is not laid out as one.
    #[error("{problem}")]
    Question {
        /// What was found, and what was expected.
        problem: String,
    },
    /// A word without a character.
    #[error("word {word} is empty; remove it together with its tag")]
    EmptyWord {
        /// Its number in the sentence, from 1.
        word: usize,
    },
    /// A CoNLL-U line out of turn.
    #[error("found word number `{found}`, expected {expected}")]
    WordNumber {
        /// The first column.
        found: String,
        /// What may stand there.
        expected: String,
    },
}
