//! Apache Parquet (<https://parquet.apache.org/docs/file-format/>), row group by row group.
//!
//! The `parquet` library indexes and unwraps where a damaged file leads it, so every call of it
//! stands behind [`guarded`], and an error names the file and the row group. Columns that the
//! Hugging Face `datasets` library declares as `ClassLabel` hold numbers and keep their names in the
//! file's metadata, under the key `huggingface`; here they are read by name.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use bytes::Bytes;
use mtnet_core::guarded;
use parquet::file::reader::{FileReader as _, SerializedFileReader};
use parquet::record::{Field, Row};
use serde_json::Value;

use super::{FieldValue, Record, Rejected, Table};
use crate::DataError;
use crate::error::{FormatError, Place};

/// Rows a byte of the file at most: a run-length code can say very much in little, and a damaged
/// count must not keep the reader busy for ever.
const ROWS_PER_BYTE: u64 = 4096;

/// Bytes that the groups of a file may take when unpacked, for each byte of the file.
const EXPANSION: u64 = 1024;

/// Names of the classes of a column.
type Classes = BTreeMap<String, Vec<String>>;

pub(super) fn read(
    path: &Path,
    bytes: Vec<u8>,
    rejected: &mut Rejected,
) -> Result<Table, DataError> {
    let refuse = |group: Option<usize>, problem: String| DataError::Parquet {
        file: path.to_owned(),
        group,
        problem,
    };
    let size = bytes.len() as u64;
    let reader = guarded(|| SerializedFileReader::new(Bytes::from(bytes)))
        .map_err(|panic| refuse(None, format!("its footer cannot be read: {panic}")))?
        .map_err(|error| refuse(None, error.to_string()))?;
    let metadata = reader.metadata();
    let unpacked: u64 = metadata
        .row_groups()
        .iter()
        .flat_map(|group| group.columns())
        .map(|column| column.uncompressed_size().max(0) as u64)
        .fold(0, u64::saturating_add);
    let rows = metadata.file_metadata().num_rows();
    if rows < 0 || rows as u64 > size.saturating_mul(ROWS_PER_BYTE) || rows > i64::from(u32::MAX) {
        return Err(refuse(None, format!("its footer states {rows} rows")));
    }
    if unpacked > size.saturating_mul(EXPANSION) {
        let problem = format!("its footer states {unpacked} bytes of unpacked columns");
        return Err(refuse(None, problem));
    }
    let classes = classes(&reader);
    let mut table = Table {
        fields: metadata
            .file_metadata()
            .schema()
            .get_fields()
            .iter()
            .map(|field| field.name().to_owned())
            .collect(),
        ..Table::default()
    };
    let mut line = 0;
    for group in 0..reader.num_row_groups() {
        let expected = metadata.row_group(group).num_rows();
        let rows = guarded(|| rows_of(&reader, group, rows as usize))
            .map_err(|panic| refuse(Some(group), format!("it is damaged: {panic}")))?
            .map_err(|problem| refuse(Some(group), problem))?;
        if rows.len() as i64 != expected {
            let problem = format!("it holds {} rows, its footer states {expected}", rows.len());
            return Err(refuse(Some(group), problem));
        }
        for row in rows {
            line += 1;
            let record = record(row, line, &classes);
            let record = record.map_err(|error| error.at(Place::new(path, line)));
            table.records.extend(rejected.sift(record)?);
        }
    }
    Ok(table)
}

fn rows_of(
    reader: &SerializedFileReader<Bytes>,
    group: usize,
    limit: usize,
) -> Result<Vec<Row>, String> {
    let text = |error: parquet::errors::ParquetError| error.to_string();
    let group = reader.get_row_group(group).map_err(text)?;
    let rows = group.get_row_iter(None).map_err(text)?;
    rows.take(limit + 1).collect::<Result<_, _>>().map_err(text)
}

fn record(row: Row, line: usize, classes: &Classes) -> Result<Record, FormatError> {
    let mut fields = BTreeMap::new();
    for (name, field) in row.into_columns() {
        let value = value(field, classes.get(&name).map(Vec::as_slice)).map_err(|problem| {
            FormatError::Cell {
                column: name.clone(),
                problem,
            }
        })?;
        fields.insert(Arc::from(name), value);
    }
    Ok(Record {
        line,
        last_line: line,
        fields,
        ..Record::default()
    })
}

fn value(field: Field, classes: Option<&[String]>) -> Result<FieldValue, String> {
    Ok(match field {
        Field::Null => FieldValue::Null,
        Field::ListInternal(list) => {
            let items: Option<Vec<Option<String>>> = list
                .elements()
                .iter()
                .map(|item| match value(item.clone(), classes) {
                    Ok(FieldValue::Null) => Some(None),
                    Ok(FieldValue::Text(text) | FieldValue::Scalar(text)) => Some(Some(text)),
                    _ => None,
                })
                .collect();
            items.map_or(FieldValue::Nested, FieldValue::List)
        }
        Field::Group(_) | Field::MapInternal(_) => FieldValue::Nested,
        Field::Str(text) => FieldValue::Text(text),
        // Old writers do not say that a column is text.
        Field::Bytes(bytes) => match bytes.as_utf8() {
            Ok(text) => FieldValue::Text(text.to_owned()),
            Err(_) => return Err("its bytes are no UTF-8".to_owned()),
        },
        number => {
            let whole = match number {
                Field::Byte(n) => Some(i64::from(n)),
                Field::Short(n) => Some(i64::from(n)),
                Field::Int(n) => Some(i64::from(n)),
                Field::Long(n) => Some(n),
                Field::UByte(n) => Some(i64::from(n)),
                Field::UShort(n) => Some(i64::from(n)),
                Field::UInt(n) => Some(i64::from(n)),
                _ => None,
            };
            match (whole, classes) {
                // `datasets` writes -1 for a class that is not known.
                (Some(-1), Some(_)) => FieldValue::Null,
                (Some(class), Some(names)) => {
                    let name = usize::try_from(class).ok().and_then(|at| names.get(at));
                    let name = name.ok_or_else(|| {
                        format!("class {class} is none of the {} declared", names.len())
                    })?;
                    FieldValue::Text(name.clone())
                }
                _ => scalar(&number),
            }
        }
    })
}

/// A number, truth value or time as JSON would have it.
fn scalar(field: &Field) -> FieldValue {
    match field {
        Field::Float(number) => FieldValue::Scalar(number.to_string()),
        Field::Double(number) => FieldValue::Scalar(number.to_string()),
        Field::Float16(number) => FieldValue::Scalar(number.to_f32().to_string()),
        Field::Date(_)
        | Field::TimeMillis(_)
        | Field::TimeMicros(_)
        | Field::TimestampMillis(_)
        | Field::TimestampMicros(_) => FieldValue::Text(field.to_string()),
        number => FieldValue::Scalar(number.to_string()),
    }
}

/// The class names that `datasets` keeps, by column.
fn classes(reader: &SerializedFileReader<Bytes>) -> Classes {
    let metadata = reader.metadata().file_metadata();
    let stated = metadata
        .key_value_metadata()
        .into_iter()
        .flatten()
        .find(|pair| pair.key == "huggingface")
        .and_then(|pair| serde_json::from_str::<Value>(pair.value.as_deref()?).ok());
    let features = stated
        .as_ref()
        .and_then(|stated| stated.pointer("/info/features")?.as_object());
    let mut classes = Classes::new();
    for (column, feature) in features.into_iter().flatten() {
        // A sequence of classes keeps them in its element.
        let feature = feature.get("feature").unwrap_or(feature);
        let names = feature.get("names").and_then(Value::as_array);
        let names: Option<Vec<String>> = names.and_then(|names| {
            let name = |name: &Value| name.as_str().map(str::to_owned);
            names.iter().map(name).collect()
        });
        if let Some(names) = names.filter(|_| feature["_type"] == "ClassLabel") {
            classes.insert(column.clone(), names);
        }
    }
    classes
}
