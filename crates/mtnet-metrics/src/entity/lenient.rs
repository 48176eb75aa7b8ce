//! Entities of any sequence of tags, well formed or not.
//!
//! The rules of the CoNLL-2000 evaluation script `conlleval`, as seqeval applies them by default:
//! an entity begins at `B` or `S`, at `I` or `E` behind `O`, `E` or `S`, and wherever the type
//! changes; it ends behind `E` or `S`, before `B`, `S` or `O`, and wherever the type changes. So
//! `O I-PER I-PER` is one entity although IOB2 would have it begin with `B`.

use super::span::{NO_LABEL, Span};
use super::{Entity, Scheme};

/// Entities in order of their end, by rules that read a meaning into any tags.
///
/// The scheme only says how letters are read: `L` and `U` of BILOU as `E` and `S` (seqeval's
/// default knows neither and so miscounts BILOU). An empty tag is read as `O`.
///
/// ```
/// use mtnet_metrics::{Scheme, entities};
///
/// let found = entities(&["I-PER", "I-PER", "O", "B-LOC"], Scheme::Iob2);
/// assert_eq!((found[0].start, found[0].end, found[0].label.as_str()), (0, 2, "PER"));
/// assert_eq!((found[1].start, found[1].end, found[1].label.as_str()), (3, 4, "LOC"));
/// ```
pub fn entities<S: AsRef<str>>(tags: &[S], scheme: Scheme) -> Vec<Entity> {
    spans(tags, scheme).into_iter().map(Entity::from).collect()
}

pub(super) fn spans<S: AsRef<str>>(tags: &[S], scheme: Scheme) -> Vec<Span<'_>> {
    let mut spans = Vec::new();
    let mut begin = 0;
    // Before the first tag there is no type, so that any begins an entity.
    let mut before = Tag {
        letter: 'O',
        label: "",
    };
    let tags = tags.iter().map(|tag| Tag::new(tag.as_ref(), scheme));
    for (position, tag) in tags.chain([Tag::OUTSIDE]).enumerate() {
        if ends(before, tag) {
            spans.push(Span {
                start: begin,
                end: position,
                label: before.label,
            });
        }
        if begins(before, tag) {
            begin = position;
        }
        before = tag;
    }
    spans
}

#[derive(Clone, Copy)]
struct Tag<'a> {
    letter: char,
    label: &'a str,
}

impl<'a> Tag<'a> {
    const OUTSIDE: Self = Self {
        letter: 'O',
        label: NO_LABEL,
    };

    fn new(tag: &'a str, scheme: Scheme) -> Self {
        let mut characters = tag.chars();
        let Some(letter) = characters.next() else {
            return Self::OUTSIDE;
        };
        // Up to the first dash, so that a type may hold dashes itself.
        let rest = characters.as_str();
        let label = rest.split_once('-').map_or(rest, |(_, label)| label);
        Self {
            letter: scheme.canonical(letter),
            label: if label.is_empty() { NO_LABEL } else { label },
        }
    }

    /// `conlleval` knows a full stop as a second sign for "outside".
    fn is_outside(self) -> bool {
        matches!(self.letter, 'O' | '.')
    }
}

fn ends(before: Tag<'_>, tag: Tag<'_>) -> bool {
    match (before.letter, tag.letter) {
        ('E' | 'S', _) | ('B' | 'I', 'B' | 'S' | 'O') => true,
        _ => !before.is_outside() && before.label != tag.label,
    }
}

fn begins(before: Tag<'_>, tag: Tag<'_>) -> bool {
    match (before.letter, tag.letter) {
        (_, 'B' | 'S') | ('E' | 'S' | 'O', 'E' | 'I') => true,
        _ => !tag.is_outside() && before.label != tag.label,
    }
}
