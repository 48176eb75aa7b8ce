//! The target of an example for a task, as its fields state it.
//!
//! A label that is missing, null or empty is no target, and the task is masked for the example;
//! an empty list is a target of a multi-label task.

use mtnet_core::{InputText, RawTarget, Segment};

use super::answers::answers;
use super::{TargetKind, TaskField};
use crate::DataError;
use crate::error::Place;
use crate::readers::{FieldValue, Record};

/// The tag of a word that has none.
pub(crate) const NO_TAG: &str = "";

/// Reads targets of one task from records.
pub(super) struct TargetReader<'a> {
    pub request: &'a TaskField,
    /// Names of the request's fields in the record.
    pub names: Vec<&'a str>,
    pub label_separator: Option<&'a str>,
}

impl TargetReader<'_> {
    /// The target, `None` if the record has none. Tags are not yet held against the words; answers
    /// are held against the text, which a joined file does not have.
    pub fn read(
        &self,
        record: &Record,
        text: Option<&InputText>,
        place: &impl Fn() -> Place,
    ) -> Result<Option<RawTarget>, DataError> {
        let field = |name: &str| Field {
            record,
            name: name.to_owned(),
        };
        let names = self.names.iter().map(|name| field(name));
        match (self.request.kind, self.names.as_slice()) {
            (TargetKind::Label, _) => {
                let parts: Option<Vec<String>> = names
                    .map(|field| field.label(place))
                    .collect::<Result<_, _>>()?;
                Ok(parts.map(|parts| RawTarget::Label(parts.join("_"))))
            }
            (TargetKind::Labels, [name]) => Ok(field(name)
                .labels(self.label_separator, place)?
                .map(RawTarget::Labels)),
            (TargetKind::Labels, _) => {
                let held: Option<Vec<(&str, bool)>> = self
                    .names
                    .iter()
                    .map(|&name| Ok(field(name).truth(place)?.map(|truth| (name, truth))))
                    .collect::<Result<_, DataError>>()?;
                Ok(held.map(|held| {
                    let labels = held.into_iter().filter(|(_, truth)| *truth);
                    RawTarget::Labels(labels.map(|(name, _)| name.to_owned()).collect())
                }))
            }
            (TargetKind::Numbers, _) => {
                let numbers: Vec<f64> = names
                    .map(|field| field.numbers(place))
                    .collect::<Result<Vec<_>, _>>()?
                    .concat();
                let some = numbers.iter().any(|number| !number.is_nan());
                Ok(some.then_some(RawTarget::Numbers(numbers)))
            }
            (TargetKind::Tags, names) => {
                let tags = match names.first() {
                    Some(name) => field(name).tags(place)?,
                    None => None,
                };
                let some = |tags: &Vec<String>| tags.is_empty() || tags.iter().any(|t| t != NO_TAG);
                Ok(tags.filter(some).map(RawTarget::Tags))
            }
            (TargetKind::Spans, names) => {
                let context = text.and_then(InputText::second).map(Segment::text);
                let found = answers(record, self.request, names, context, place)?;
                Ok(found.map(RawTarget::Spans))
            }
        }
    }
}

/// One field of one record.
struct Field<'a> {
    record: &'a Record,
    name: String,
}

impl Field<'_> {
    fn value(&self) -> &FieldValue {
        self.record
            .fields
            .get(self.name.as_str())
            .unwrap_or(&FieldValue::Null)
    }

    fn refuse(&self, place: Place, found: &str, expected: &'static str) -> DataError {
        DataError::FieldKind {
            place,
            field: self.name.clone(),
            found: found.to_owned(),
            expected,
        }
    }

    fn label(&self, place: &impl Fn() -> Place) -> Result<Option<String>, DataError> {
        const EXPECTED: &str = "one label for the text";
        let label = match self.value() {
            // A column can repeat the label of the text at each word.
            FieldValue::Null => match self.record.columns.get(self.name.as_str()) {
                Some(column) if column.iter().any(|value| *value != column[0]) => {
                    return Err(self.refuse(place(), "a column with several values", EXPECTED));
                }
                column => column.and_then(|column| column.first()).map(String::as_str),
            },
            FieldValue::Text(text) | FieldValue::Scalar(text) => Some(text.as_str()),
            other @ (FieldValue::List(_) | FieldValue::Nested) => {
                return Err(self.refuse(place(), other.kind(), EXPECTED));
            }
        };
        Ok(label
            .map(str::trim)
            .filter(|label| !label.is_empty())
            .map(str::to_owned))
    }

    fn labels(
        &self,
        separator: Option<&str>,
        place: &impl Fn() -> Place,
    ) -> Result<Option<Vec<String>>, DataError> {
        const EXPECTED: &str = "a list of labels, or a text that `label_separator` splits";
        match self.value() {
            FieldValue::List(labels) => labels
                .iter()
                .cloned()
                .collect::<Option<_>>()
                .map(Some)
                .ok_or_else(|| self.refuse(place(), "a list with null in it", EXPECTED)),
            FieldValue::Nested => Err(self.refuse(place(), self.value().kind(), EXPECTED)),
            _ => Ok(self.label(place)?.map(|cell| match separator {
                Some(separator) => cell
                    .split(separator)
                    .map(str::trim)
                    .filter(|label| !label.is_empty())
                    .map(str::to_owned)
                    .collect(),
                None => vec![cell],
            })),
        }
    }

    fn truth(&self, place: &impl Fn() -> Place) -> Result<Option<bool>, DataError> {
        let Some(label) = self.label(place)? else {
            return Ok(None);
        };
        match label.to_ascii_lowercase().as_str() {
            "1" | "1.0" | "true" | "yes" => Ok(Some(true)),
            "0" | "0.0" | "false" | "no" => Ok(Some(false)),
            _ => Err(self.refuse(
                place(),
                &format!("`{label}`"),
                "1 or 0 (true or false), as several fields are one label each",
            )),
        }
    }

    /// One number, or those of a list; NaN where one is missing.
    fn numbers(&self, place: &impl Fn() -> Place) -> Result<Vec<f64>, DataError> {
        let number = |text: &str| {
            let text = text.trim();
            let number: Option<f64> = text.parse().ok();
            number
                // Heads learn in single precision.
                .filter(|&number| (number as f32).is_finite())
                .ok_or_else(|| DataError::Number {
                    place: place(),
                    field: self.name.clone(),
                    found: text.to_owned(),
                })
        };
        match self.value() {
            FieldValue::List(items) => items
                .iter()
                .map(|item| item.as_deref().map_or(Ok(f64::NAN), number))
                .collect(),
            FieldValue::Nested => Err(self.refuse(place(), self.value().kind(), "a number")),
            _ => match self.label(place)? {
                Some(text) => Ok(vec![number(&text)?]),
                None => Ok(vec![f64::NAN]),
            },
        }
    }

    fn tags(&self, place: &impl Fn() -> Place) -> Result<Option<Vec<String>>, DataError> {
        if let Some(column) = self.record.columns.get(self.name.as_str()) {
            return Ok(Some(column.clone()));
        }
        match self.value() {
            FieldValue::Null => Ok(None),
            FieldValue::List(tags) => Ok(Some(
                tags.iter()
                    .map(|tag| tag.clone().unwrap_or_default())
                    .collect(),
            )),
            FieldValue::Text(cell) if cell.trim().is_empty() => Ok(None),
            FieldValue::Text(cell) => {
                Ok(Some(cell.split_whitespace().map(str::to_owned).collect()))
            }
            other => Err(self.refuse(
                place(),
                other.kind(),
                "a list of tags, or tags separated by blanks",
            )),
        }
    }
}
