//! Readers: a file to [`Record`]s, which hold fields and words and know nothing of tasks.

mod conll;
mod conllu;
mod delimited;
mod jsonl;
#[cfg(feature = "parquet")]
mod parquet;
mod record;
mod rejected;
mod rows;
mod sentence;
mod squad;
mod text_file;

use std::path::Path;

pub(crate) use record::{FieldValue, Record, Surface, Table};
pub(crate) use rejected::Rejected;
pub(crate) use text_file::{TextFile, read_bytes};

use crate::config::{Format, Source};
use crate::{DataError, sha256};

/// All examples of a file, and the SHA-256 of its bytes.
pub(crate) fn read_file(
    path: &Path,
    source: &Source<'_>,
    rejected: &mut Rejected,
) -> Result<(String, Table), DataError> {
    let bytes = read_bytes(path)?;
    let sha256 = sha256(&bytes);
    let table = match source.format {
        Format::Parquet => parquet(path, bytes, rejected)?,
        _ => {
            // A document of one piece has no line that could be left out.
            let lenient = rejected.is_lenient() && source.format != Format::Squad;
            let file = TextFile::new(path, bytes, lenient)?;
            let mut table = read_text(&file, source, rejected)?;
            sift(&file, &mut table, rejected)?;
            table
        }
    };
    if table.records.is_empty() {
        return Err(DataError::EmptyFile {
            file: path.to_owned(),
            expected: source.format.example(),
        });
    }
    Ok((sha256, table))
}

fn read_text(
    file: &TextFile,
    source: &Source<'_>,
    rejected: &mut Rejected,
) -> Result<Table, DataError> {
    match source.format {
        Format::Jsonl => jsonl::read(file, rejected),
        Format::Csv | Format::Tsv => delimited::read(file, source, rejected),
        Format::Conll => conll::read(file, source, rejected),
        Format::Conllu => conllu::read(file, rejected),
        Format::Squad => squad::read(file, rejected),
        Format::Parquet => unreachable!("no text format"),
    }
}

/// Leaves out the records whose lines are no UTF-8.
fn sift(file: &TextFile, table: &mut Table, rejected: &mut Rejected) -> Result<(), DataError> {
    if file.bad_lines().is_empty() {
        return Ok(());
    }
    let mut kept = Vec::with_capacity(table.records.len());
    for record in table.records.drain(..) {
        let lines = record.line..=record.last_line;
        match file.bad_lines().range(lines).next() {
            Some((&line, error)) => rejected.reject(error.clone().at(file.place(line)))?,
            None => kept.push(record),
        }
    }
    table.records = kept;
    Ok(())
}

#[cfg(feature = "parquet")]
fn parquet(path: &Path, bytes: Vec<u8>, rejected: &mut Rejected) -> Result<Table, DataError> {
    parquet::read(path, bytes, rejected)
}

#[cfg(not(feature = "parquet"))]
fn parquet(path: &Path, _: Vec<u8>, _: &mut Rejected) -> Result<Table, DataError> {
    Err(DataError::Parquet {
        file: path.to_owned(),
        group: None,
        problem: "this build reads no Parquet (feature `parquet` of mtnet-data)".to_owned(),
    })
}
