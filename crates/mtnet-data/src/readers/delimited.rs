//! CSV and TSV tables.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::rows::{Row, Rows};
use super::{FieldValue, Record, Rejected, Table, TextFile};
use crate::DataError;
use crate::config::Source;
use crate::error::FormatError;

pub(super) fn read(
    file: &TextFile,
    source: &Source<'_>,
    rejected: &mut Rejected,
) -> Result<Table, DataError> {
    let mut rows = Rows::new(file.text(), source.delimiter(), source.quote())
        .map(|row| row.map_err(|(line, error)| error.at(file.place(line))));
    let mut names: Option<Vec<Arc<str>>> = match source.columns {
        Some(columns) => Some(arcs(columns)),
        None if source.header => rows
            .next()
            .transpose()?
            .map(|row| header_names(file, &row))
            .transpose()?,
        None => None,
    };
    let mut table = Table::default();
    for row in rows {
        let Some(Row {
            line,
            last_line,
            cells,
        }) = rejected.sift(row)?
        else {
            continue;
        };
        let names = names.get_or_insert_with(|| {
            let numbers: Vec<String> = (0..cells.len()).map(|column| column.to_string()).collect();
            arcs(&numbers)
        });
        if cells.len() != names.len() {
            let error = FormatError::ColumnCount {
                found: cells.len(),
                expected: names.len(),
                columns: expectation(source).to_owned(),
                remedy: remedy(source),
            };
            rejected.reject(error.at(file.place(line)))?;
            continue;
        }
        table.records.push(Record {
            line,
            last_line,
            fields: names
                .iter()
                .cloned()
                .zip(cells.into_iter().map(FieldValue::Text))
                .filter(|(name, _)| **name != *"_")
                .collect(),
            ..Record::default()
        });
    }
    table.fields = names
        .unwrap_or_default()
        .iter()
        .map(|name| name.to_string())
        .filter(|name| name != "_")
        .collect();
    Ok(table)
}

fn header_names(file: &TextFile, header: &Row) -> Result<Vec<Arc<str>>, DataError> {
    let lines = header.line..=header.last_line;
    if let Some((&line, error)) = file.bad_lines().range(lines).next() {
        return Err(error.clone().at(file.place(line)));
    }
    let names: Vec<&str> = header.cells.iter().map(|name| name.trim()).collect();
    let mut seen = BTreeSet::new();
    match names.iter().find(|name| !seen.insert(**name)) {
        Some(&twice) => {
            Err(FormatError::DuplicateColumn(twice.to_owned()).at(file.place(header.line)))
        }
        None => Ok(arcs(&names)),
    }
}

fn arcs<S: AsRef<str>>(names: &[S]) -> Vec<Arc<str>> {
    names.iter().map(|name| Arc::from(name.as_ref())).collect()
}

fn expectation(source: &Source<'_>) -> &'static str {
    match (source.columns, source.header) {
        (Some(_), _) => "the length of `columns`",
        (None, true) => "as in the header",
        (None, false) => "as in the first row",
    }
}

fn remedy(source: &Source<'_>) -> &'static str {
    if source.quote() {
        "quote a field that holds the delimiter or a line break, or set `delimiter`"
    } else {
        "a field may hold neither the delimiter nor a line break; set `quote = true` if fields are quoted"
    }
}
