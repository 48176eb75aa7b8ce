//! Answers to a question: their texts and where they begin, held against the text they are in.

use std::ops::Range;

use super::TaskField;
use crate::DataError;
use crate::error::{Place, WrongAnswer};
use crate::readers::{FieldValue, Record};

/// Characters of a text that a message shows.
const SHOWN: usize = 40;

/// The bytes of each right answer in `context`; `None` where the record has no label. `names` are
/// the fields of the texts and of their first characters, counted from 0.
pub(super) fn answers(
    record: &Record,
    request: &TaskField,
    names: &[&str],
    context: Option<&str>,
    place: &impl Fn() -> Place,
) -> Result<Option<Vec<Range<usize>>>, DataError> {
    let &[texts, starts] = names else {
        return Ok(None);
    };
    let (Some(found), Some(begin)) = (
        values(record, texts, place, "an answer, or a list of answers")?,
        values(record, starts, place, "a whole number, or a list of them")?,
    ) else {
        return Ok(None);
    };
    let Some(context) = context else {
        return Err(DataError::NoContext {
            place: place(),
            task: request.task.clone(),
        });
    };
    if found.len() != begin.len() {
        return Err(DataError::AnswerCount {
            place: place(),
            answers: found.len(),
            starts: begin.len(),
            field: starts.to_owned(),
        });
    }
    let each = (1..).zip(found.iter().zip(&begin));
    each.map(|(number, (&text, &start))| {
        let start = start.trim().parse().map_err(|_| DataError::FieldKind {
            place: place(),
            field: starts.to_owned(),
            found: format!("`{start}`"),
            expected: "the number of the answer's first character, counted from 0",
        })?;
        locate(context, text, start).ok_or_else(|| mismatch(place(), number, context, text, start))
    })
    .collect::<Result<_, _>>()
    .map(Some)
}

/// The texts of a field; `None` where there is none.
fn values<'a>(
    record: &'a Record,
    field: &str,
    place: &impl Fn() -> Place,
    expected: &'static str,
) -> Result<Option<Vec<&'a str>>, DataError> {
    let refuse = |found: &str| DataError::FieldKind {
        place: place(),
        field: field.to_owned(),
        found: found.to_owned(),
        expected,
    };
    match record.fields.get(field) {
        None | Some(FieldValue::Null) => Ok(None),
        Some(FieldValue::Text(text)) if text.is_empty() => Ok(None),
        Some(FieldValue::Text(text) | FieldValue::Scalar(text)) => Ok(Some(vec![text])),
        Some(FieldValue::List(items)) => items
            .iter()
            .map(|item| item.as_deref())
            .collect::<Option<_>>()
            .map(Some)
            .ok_or_else(|| refuse("a list with null in it")),
        Some(other @ FieldValue::Nested) => Err(refuse(other.kind())),
    }
}

/// The bytes of `text` in `context`, if it begins at that character.
fn locate(context: &str, text: &str, start: usize) -> Option<Range<usize>> {
    let (from, _) = context.char_indices().nth(start)?;
    let fits = !text.is_empty() && context[from..].starts_with(text);
    fits.then(|| from..from + text.len())
}

fn mismatch(place: Place, number: usize, context: &str, text: &str, start: usize) -> DataError {
    let found: String = context
        .chars()
        .skip(start)
        .take(text.chars().count().clamp(1, SHOWN))
        .collect();
    let nearest = context
        .match_indices(text)
        .filter(|_| !text.is_empty())
        .map(|(byte, _)| context[..byte].chars().count())
        .min_by_key(|at| at.abs_diff(start));
    let text = match text.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    };
    DataError::Answer {
        place,
        answer: Box::new(WrongAnswer {
            number,
            text,
            start,
            found,
            nearest,
        }),
    }
}
