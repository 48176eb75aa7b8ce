//! An entity as a range of tokens.

use serde::{Deserialize, Serialize};

/// Tokens `start..end` of a sequence.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Entity {
    /// First token.
    pub start: usize,
    /// Token behind the last.
    pub end: usize,
    /// The type, `_` where the tags name none.
    pub label: String,
}

/// An entity whose type is still part of its tag.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Span<'a> {
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) label: &'a str,
}

impl From<Span<'_>> for Entity {
    fn from(span: Span<'_>) -> Self {
        Self {
            start: span.start,
            end: span.end,
            label: span.label.to_owned(),
        }
    }
}

/// The type that a tag without one is counted under.
pub(super) const NO_LABEL: &str = "_";
