//! One example of a data set: a text or a pair of texts, and the targets it has.
//!
//! Words are byte ranges of running text, never strings of their own, so what a
//! tokenizer reads is the text as people wrote it and an entity found in it is
//! `&text[start..end]`, in Chinese as in English.

use std::collections::BTreeMap;
use std::ops::Range;

use crate::{CoreError, RawTarget, TaskName};

/// A text, and where its words lie if the data set says so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Segment {
    text: String,
    words: Option<Vec<Range<usize>>>,
}

impl Segment {
    /// A text whose words are not known.
    pub fn from_text(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            words: None,
        }
    }

    /// A text with its words as rising, non-overlapping byte ranges.
    ///
    /// # Errors
    /// If a range is no slice of the text or overlaps the one before it.
    pub fn with_words(
        text: impl Into<String>,
        words: Vec<Range<usize>>,
    ) -> Result<Self, CoreError> {
        let text = text.into();
        let mut behind = 0;
        for (word, range) in words.iter().enumerate() {
            if range.start < behind || text.get(range.clone()).is_none() {
                return Err(CoreError::WordRange {
                    word,
                    start: range.start,
                    end: range.end,
                    length: text.len(),
                });
            }
            behind = range.end;
        }
        Ok(Self {
            text,
            words: Some(words),
        })
    }

    /// Words joined by `separator` (a blank, or nothing for a script without blanks).
    pub fn from_words<S: AsRef<str>>(words: &[S], separator: &str) -> Self {
        let mut text = String::new();
        let mut ranges = Vec::with_capacity(words.len());
        for (position, word) in words.iter().enumerate() {
            if position > 0 {
                text.push_str(separator);
            }
            let start = text.len();
            text.push_str(word.as_ref());
            ranges.push(start..text.len());
        }
        Self {
            text,
            words: Some(ranges),
        }
    }

    /// The running text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Byte ranges of the words, `None` where the data set states none.
    pub fn words(&self) -> Option<&[Range<usize>]> {
        self.words.as_deref()
    }
}

/// What is read: one text, or two that belong together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum InputText {
    /// One text.
    Single(Segment),
    /// A pair, as in textual entailment or similarity. Words count in the first only.
    Pair(Segment, Segment),
}

impl InputText {
    /// The first (or only) text.
    pub fn first(&self) -> &Segment {
        match self {
            Self::Single(segment) | Self::Pair(segment, _) => segment,
        }
    }

    /// The second text of a pair.
    pub fn second(&self) -> Option<&Segment> {
        match self {
            Self::Single(_) => None,
            Self::Pair(_, segment) => Some(segment),
        }
    }
}

/// An example as read: a task without a target here has no label for it.
#[derive(Clone, Debug, PartialEq)]
pub struct Example {
    /// The text or texts.
    pub text: InputText,
    /// Targets by task; a task that is absent is masked.
    pub targets: BTreeMap<TaskName, RawTarget>,
    /// Line of the file it began on, from 1, for messages.
    pub line: usize,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn joined_words_slice_back_out_of_the_text() {
        for separator in [" ", ""] {
            let words = ["施力", "的", "大小", "👍🏽", "naïve"];
            let segment = Segment::from_words(&words, separator);
            assert_eq!(segment.text(), words.join(separator));
            let back: Vec<&str> = segment
                .words()
                .unwrap()
                .iter()
                .map(|range| &segment.text()[range.clone()])
                .collect();
            assert_eq!(back, words);
        }
    }

    #[test]
    fn ranges_that_cut_a_character_or_overlap_are_refused() {
        assert!(Segment::with_words("né", vec![0..2, 2..3]).is_err());
        assert!(Segment::with_words("ab", vec![0..2, 1..2]).is_err());
        assert!(Segment::with_words("ab", vec![0..1, 1..3]).is_err());
        assert!(Segment::with_words("ab", vec![0..1, 1..2]).is_ok());
    }
}
