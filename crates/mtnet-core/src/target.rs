//! What an example should be answered with: as read from a file, and as columns of a head.

use std::ops::Range;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

/// A tag index that means "no label here": the word takes no part in loss or score.
pub const IGNORED_TAG: u32 = u32::MAX;

/// Which form of target a task learns from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TargetKind {
    /// One label a text.
    Label,
    /// Any number of labels a text.
    Labels,
    /// Numbers, one a regression target.
    Numbers,
    /// One tag a word.
    Tags,
    /// Where the second text of a pair answers the question that is the first.
    Spans,
}

/// A target as the file states it, before its labels are known.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum RawTarget {
    /// One label for the whole text.
    Label(String),
    /// Any number of labels for the whole text, possibly none.
    Labels(Vec<String>),
    /// Numbers for the whole text, one a regression target.
    Numbers(Vec<f64>),
    /// One tag a word.
    Tags(Vec<String>),
    /// Bytes of the second text of a pair, each range a right answer to the first; none of them
    /// where the text does not hold the answer.
    Spans(Vec<Range<usize>>),
}

/// A target in the columns of a task's head.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Target {
    /// Index of the one label.
    Class(u32),
    /// Indices of the labels that hold, rising.
    MultiLabel(Vec<u32>),
    /// Numbers, one a regression target; NaN marks a missing one.
    Numbers(Vec<f32>),
    /// Index of each word's tag; [`IGNORED_TAG`] marks a word without one.
    Tags(Vec<u32>),
    /// Right answers in the second text of a pair.
    Spans {
        /// The second text, which answers are slices of.
        context: Arc<str>,
        /// Bytes of each right answer; the first is what training learns. None where the text does
        /// not hold the answer.
        answers: Vec<Range<usize>>,
    },
}
