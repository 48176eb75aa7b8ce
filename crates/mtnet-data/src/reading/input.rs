//! The text and the words of an example.

use mtnet_core::{InputText, Segment};

use super::characters::split_characters;
use super::files::Loaded;
use super::locate;
use crate::DataError;
use crate::config::{DatasetConfig, FieldName, Source, Words};
use crate::error::{FormatError, Place};
use crate::readers::{FieldValue, Record, Surface};

/// What an example reads, and how its words came about.
pub(super) struct Input {
    pub text: InputText,
    /// Whether the words lie in the file's own running text, if it states one.
    pub located: bool,
    /// The words of the file, `None` where it states none.
    pub given: Option<Vec<String>>,
    /// Into how many words each of them was split, `None` where they were not.
    pub counts: Option<Vec<usize>>,
}

/// Makes sure that the fields which the data set names are there at all.
pub(super) fn check_fields(config: &DatasetConfig, loaded: &Loaded) -> Result<(), DataError> {
    let text = match (config.text_field(), &config.tokens) {
        _ if config.format.has_word_lines() => None,
        (None, None) => Some("text"),
        (text, _) => text,
    };
    let tokens = config.tokens.as_ref().map(FieldName::as_str);
    let named = [text, config.second_field(), tokens, config.id_field()];
    named
        .into_iter()
        .flatten()
        .try_for_each(|field| loaded.expect(field))
}

impl Input {
    pub fn new(
        record: &Record,
        config: &DatasetConfig,
        place: impl Fn() -> Place,
    ) -> Result<Self, DataError> {
        let surfaces = words(record, &config.source(), &place)?;
        let text_field = config.text_field().unwrap_or("text");
        let Some(surfaces) = surfaces else {
            let first = Segment::from_text(text(record, text_field, &place)?);
            let text = match config.second_field() {
                Some(field) => {
                    let second = text(record, field, &place)?;
                    InputText::Pair(first, Segment::from_text(second))
                }
                None => InputText::Single(first),
            };
            return Ok(Self {
                text,
                located: true,
                given: None,
                counts: None,
            });
        };
        // A list of words has a running text only where one is named.
        let states_text = config.text.is_some() || record.surfaces.is_some();
        let running = match record.fields.get(text_field).filter(|_| states_text) {
            Some(FieldValue::Text(text)) => Some(text.as_str()),
            _ => None,
        };
        let (mut segment, located) = locate::segment(&surfaces, running, &config.join_words);
        let mut counts = None;
        if config.words == Words::Characters {
            let (split, into) = split_characters(&segment);
            segment = split;
            counts = Some(into);
        }
        let text = match config.second_field() {
            Some(field) => {
                let second = text(record, field, &place)?;
                InputText::Pair(segment, Segment::from_text(second))
            }
            None => InputText::Single(segment),
        };
        Ok(Self {
            text,
            located,
            given: Some(forms(surfaces)),
            counts,
        })
    }
}

/// The words of a record, as its sentence or its `tokens` field gives them.
pub(super) fn forms(surfaces: Vec<Surface>) -> Vec<String> {
    surfaces
        .into_iter()
        .flat_map(|surface| surface.words)
        .collect()
}

/// The pieces of text of a record, `None` where its file does not tell words.
pub(super) fn words(
    record: &Record,
    source: &Source<'_>,
    place: &impl Fn() -> Place,
) -> Result<Option<Vec<Surface>>, DataError> {
    if let Some(surfaces) = &record.surfaces {
        return Ok(Some(surfaces.clone()));
    }
    let Some(field) = source.tokens else {
        return Ok(None);
    };
    let surfaces: Vec<Surface> = match record.fields.get(field.as_str()) {
        Some(FieldValue::Text(cell)) => cell.split_whitespace().map(Surface::word).collect(),
        Some(FieldValue::List(words)) => words
            .iter()
            .map(|word| Surface::word(word.as_deref().unwrap_or_default()))
            .collect(),
        None | Some(FieldValue::Null) => return Err(missing(field.as_str(), place())),
        Some(other) => {
            return Err(DataError::FieldKind {
                place: place(),
                field: field.to_string(),
                found: other.kind().to_owned(),
                expected: "a list of words, or words separated by blanks",
            });
        }
    };
    match surfaces.iter().position(|word| word.form.trim().is_empty()) {
        Some(empty) => Err(FormatError::EmptyWord { word: empty + 1 }.at(place())),
        None => Ok(Some(surfaces)),
    }
}

fn text(record: &Record, field: &str, place: &impl Fn() -> Place) -> Result<String, DataError> {
    match record.fields.get(field) {
        Some(FieldValue::Text(text)) => Ok(text.clone()),
        None | Some(FieldValue::Null) => Err(missing(field, place())),
        Some(other) => Err(DataError::FieldKind {
            place: place(),
            field: field.to_owned(),
            found: other.kind().to_owned(),
            expected: "a text; name a list of words by `tokens`",
        }),
    }
}

fn missing(field: &str, place: Place) -> DataError {
    DataError::MissingText {
        place,
        field: field.to_owned(),
    }
}
