//! Readers: a file to [`Record`]s, which hold fields and words and know nothing of tasks.

mod conll;
mod conllu;
mod delimited;
mod jsonl;
mod record;
mod rows;
mod sentence;
mod text_file;

pub(crate) use record::{FieldValue, Record, Surface, Table};
pub(crate) use text_file::TextFile;

use crate::DataError;
use crate::config::{Format, Source};

/// All examples of a file.
pub(crate) fn read(file: &TextFile, source: &Source<'_>) -> Result<Table, DataError> {
    let table = match source.format {
        Format::Jsonl => jsonl::read(file),
        Format::Csv | Format::Tsv => delimited::read(file, source),
        Format::Conll => conll::read(file, source),
        Format::Conllu => conllu::read(file),
    }?;
    if table.records.is_empty() {
        return Err(DataError::EmptyFile {
            file: file.path().to_owned(),
            expected: source.format.example(),
        });
    }
    Ok(table)
}
