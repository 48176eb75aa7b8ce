//! JSON Lines: one object a line, blank lines skipped.

use std::sync::Arc;

use serde_json::{Map, Value};

use super::{FieldValue, Record, Rejected, Table, TextFile};
use crate::DataError;
use crate::error::FormatError;

pub(super) fn read(file: &TextFile, rejected: &mut Rejected) -> Result<Table, DataError> {
    let mut table = Table::default();
    for (line, text) in file.lines() {
        if text.trim().is_empty() {
            continue;
        }
        let object = parse(text).map_err(|error| error.at(file.place(line)));
        let Some(object) = rejected.sift(object)? else {
            continue;
        };
        table.records.push(Record {
            line,
            last_line: line,
            fields: object
                .into_iter()
                .map(|(key, value)| (Arc::from(key), field_value(value)))
                .collect(),
            ..Record::default()
        });
    }
    Ok(table)
}

fn parse(text: &str) -> Result<Map<String, Value>, FormatError> {
    let found = match serde_json::from_str(text) {
        Ok(Value::Object(object)) => return Ok(object),
        Ok(Value::Array(_)) => "a list",
        Ok(Value::String(_)) => "a string",
        Ok(Value::Number(_)) => "a number",
        Ok(Value::Bool(_)) => "a truth value",
        Ok(Value::Null) => "null",
        Err(error) => return Err(not_json(text, &error)),
    };
    Err(FormatError::NotAnObject { found })
}

fn not_json(text: &str, error: &serde_json::Error) -> FormatError {
    let column = error.column();
    // The parser names the byte that it stopped at, a few from the word's first.
    let near = |at: usize| (column.saturating_sub(3)..=column + 1).contains(&(at + 1));
    let no_number = ["NaN", "Inf"]
        .iter()
        .any(|word| text.match_indices(word).any(|(at, _)| near(at)));
    let problem = if no_number {
        "JSON has no NaN and no infinity; write null for a missing target".to_owned()
    } else if error.is_eof() && text.trim_start().starts_with(['{', '[']) {
        "the line ends before its object does; an object must stand on one line".to_owned()
    } else {
        let message = error.to_string();
        // The line is always 1 here; the real one is in the place.
        message
            .split(" at line ")
            .next()
            .unwrap_or_default()
            .to_owned()
    };
    FormatError::Json { column, problem }
}

fn field_value(value: Value) -> FieldValue {
    match value {
        Value::Null => FieldValue::Null,
        Value::String(text) => FieldValue::Text(text),
        Value::Bool(_) | Value::Number(_) => FieldValue::Scalar(value.to_string()),
        Value::Array(items) => items
            .into_iter()
            .map(|item| match item {
                Value::Null => Some(None),
                Value::String(text) => Some(Some(text)),
                Value::Bool(_) | Value::Number(_) => Some(Some(item.to_string())),
                Value::Array(_) | Value::Object(_) => None,
            })
            .collect::<Option<_>>()
            .map_or(FieldValue::Nested, FieldValue::List),
        Value::Object(_) => FieldValue::Nested,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_keep_their_spelling() {
        let object =
            parse(r#"{"a": 1.50, "b": true, "c": ["x", 2, null], "d": [[1]], "e": null}"#).unwrap();
        let values: Vec<FieldValue> = object.into_iter().map(|(_, v)| field_value(v)).collect();
        assert_eq!(values[0], FieldValue::Scalar("1.5".into()));
        assert_eq!(values[1], FieldValue::Scalar("true".into()));
        assert_eq!(
            values[2],
            FieldValue::List(vec![Some("x".into()), Some("2".into()), None])
        );
        assert_eq!(values[3], FieldValue::Nested);
        assert_eq!(values[4], FieldValue::Null);
    }

    #[test]
    fn numbers_that_json_lacks_are_named() {
        for text in [
            r#"{"y": NaN}"#,
            r#"{"y":NaN}"#,
            r#"{"y": -Infinity}"#,
            r#"{"y": [NaN]}"#,
        ] {
            let message = parse(text).unwrap_err().to_string();
            assert!(message.contains("write null"), "{text}: {message}");
        }
        let message = parse(r#"{"text": "a"#).unwrap_err().to_string();
        assert!(message.contains("must stand on one line"), "{message}");
    }
}
