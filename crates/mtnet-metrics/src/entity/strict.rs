//! Entities that are well formed in a scheme; any other is dropped.
//!
//! The rules of seqeval's strict mode: each scheme says between which two tags an entity may
//! begin, may go on and may end. What begins and goes on but does not end by those rules, such as
//! `B-PER I-PER O` in IOBES, is no entity. Two consequences of the rules are seqeval's own: in
//! IOB1 a `B` that follows no entity of its type begins nothing, and in IOE1 an `E` begins an
//! entity only behind an `E` of the same type.

use super::span::{NO_LABEL, Span};
use super::{Entity, Scheme};
use crate::MetricError;

/// Well-formed entities in order.
///
/// # Errors
/// If a tag begins with a letter that the scheme does not have.
///
/// ```
/// use mtnet_metrics::{Scheme, strict_entities};
///
/// let found = strict_entities(&["I-PER", "O", "B-LOC"], Scheme::Iob2)?;
/// assert_eq!(found.len(), 1);
/// assert_eq!(found[0].label, "LOC");
/// assert!(strict_entities(&["S-PER"], Scheme::Iob2).is_err());
/// # Ok::<(), mtnet_metrics::MetricError>(())
/// ```
pub fn strict_entities<S: AsRef<str>>(
    tags: &[S],
    scheme: Scheme,
) -> Result<Vec<Entity>, MetricError> {
    let spans = spans(tags, scheme).map_err(|unknown| unknown.error("tags", 0, tags, scheme))?;
    Ok(spans.into_iter().map(Entity::from).collect())
}

/// Position of a tag whose letter the scheme does not have.
pub(super) struct UnknownLetter(usize);

impl UnknownLetter {
    pub(super) fn error<S: AsRef<str>>(
        &self,
        tags: &'static str,
        sequence: usize,
        sequence_tags: &[S],
        scheme: Scheme,
    ) -> MetricError {
        MetricError::Tag {
            tags,
            sequence,
            position: self.0,
            tag: sequence_tags[self.0].as_ref().to_owned(),
            scheme,
        }
    }
}

pub(super) fn spans<S: AsRef<str>>(
    tags: &[S],
    scheme: Scheme,
) -> Result<Vec<Span<'_>>, UnknownLetter> {
    let mut read = Vec::with_capacity(tags.len() + 1);
    for (position, tag) in tags.iter().enumerate() {
        read.push(Tag::new(tag.as_ref(), scheme).ok_or(UnknownLetter(position))?);
    }
    read.push(Tag::OUTSIDE);

    let mut spans = Vec::new();
    let mut before = Tag::OUTSIDE;
    let mut start = 0;
    while start < read.len() {
        let mut end = start + 1;
        if begins(scheme, before, read[start]) {
            // The outside tag at the end goes on in no scheme.
            while goes_on(scheme, read[end - 1], read[end]) {
                end += 1;
            }
            if ends(scheme, read[end - 1], read[end]) {
                spans.push(Span {
                    start,
                    end,
                    label: read[start].label,
                });
            }
        }
        before = read[end - 1];
        start = end;
    }
    Ok(spans)
}

#[derive(Clone, Copy, PartialEq)]
enum Letter {
    B,
    I,
    O,
    E,
    S,
}

use Letter::{B, E, I, O, S};

#[derive(Clone, Copy)]
struct Tag<'a> {
    letter: Letter,
    label: &'a str,
}

impl<'a> Tag<'a> {
    const OUTSIDE: Self = Self {
        letter: O,
        label: NO_LABEL,
    };

    fn new(tag: &'a str, scheme: Scheme) -> Option<Self> {
        let mut characters = tag.chars();
        let letter = characters.next()?;
        if !scheme.letters().contains(letter) {
            return None;
        }
        let letter = match scheme.canonical(letter) {
            'B' => B,
            'I' => I,
            'E' => E,
            'S' => S,
            _ => O,
        };
        let label = characters.as_str().trim_matches('-');
        Some(Self {
            letter,
            label: if label.is_empty() { NO_LABEL } else { label },
        })
    }
}

fn begins(scheme: Scheme, before: Tag<'_>, tag: Tag<'_>) -> bool {
    let same = before.label == tag.label;
    match (scheme, before.letter, tag.letter) {
        (Scheme::Iob1, O | B, I) => true,
        (Scheme::Iob1, I, I) => !same,
        (Scheme::Iob1, I | B, B) => same,
        (Scheme::Iob2, _, B) => true,
        (Scheme::Ioe1, O | E, I) => true,
        (Scheme::Ioe1, I, I) => !same,
        (Scheme::Ioe1, E, E) => same,
        (Scheme::Ioe2, O | E, I | E) => true,
        (Scheme::Ioe2, I, I | E) => !same,
        (Scheme::Iobes | Scheme::Bilou, _, B | S) => true,
        _ => false,
    }
}

fn goes_on(scheme: Scheme, before: Tag<'_>, tag: Tag<'_>) -> bool {
    let fits = match scheme {
        Scheme::Iob1 | Scheme::Iob2 => matches!((before.letter, tag.letter), (B | I, I)),
        Scheme::Ioe1 | Scheme::Ioe2 => matches!((before.letter, tag.letter), (I, I | E)),
        Scheme::Iobes | Scheme::Bilou => matches!((before.letter, tag.letter), (B | I, I | E)),
    };
    fits && before.label == tag.label
}

fn ends(scheme: Scheme, last: Tag<'_>, next: Tag<'_>) -> bool {
    let same = last.label == next.label;
    match (scheme, last.letter, next.letter) {
        (Scheme::Iob1, I, O | B) | (Scheme::Iob1, B, O) => true,
        (Scheme::Iob1, I | B, I) => !same,
        (Scheme::Iob1, B, B) => same,
        (Scheme::Iob2, I | B, O | B) => true,
        (Scheme::Iob2, I | B, I) => !same,
        (Scheme::Ioe1, I, O) => true,
        (Scheme::Ioe1, I, I | E) => !same,
        (Scheme::Ioe1, E, I | E) => same,
        (Scheme::Ioe2, E, _) => true,
        (Scheme::Iobes | Scheme::Bilou, E | S, _) => true,
        _ => false,
    }
}
