//! A batch without padding: sequences laid end to end, with the targets of each task.

use std::collections::BTreeMap;

use crate::{Offsets, TaskName};

/// Consecutive sequences of tokens with their words and targets.
///
/// One batch may carry examples of several tasks, and an example may carry targets
/// for several of them or for none.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PackedBatch {
    /// Token ids `(tokens)`.
    pub input_ids: Vec<u32>,
    /// Position of each token in its own sequence `(tokens)`, from 0.
    pub position_ids: Vec<u32>,
    /// Segment of each token `(tokens)`: 0 for the first text, 1 for the second of a pair.
    pub type_ids: Vec<u32>,
    /// Borders of the sequences in the token rows.
    pub offsets: Offsets,
    /// Where each sequence's words are read.
    pub words: PackedWords,
    /// Where each sequence's answers to a question may lie.
    pub passages: PackedPassages,
    /// Targets of each task that has some in this batch.
    pub targets: BTreeMap<TaskName, PackedTargets>,
    /// Where each sequence came from `(sequences)`.
    pub sources: Vec<SequenceSource>,
}

impl PackedBatch {
    /// How many sequences it holds.
    pub fn len(&self) -> usize {
        self.offsets.len()
    }

    /// Whether it holds none.
    pub fn is_empty(&self) -> bool {
        self.offsets.is_empty()
    }

    /// How many tokens it holds.
    pub fn tokens(&self) -> usize {
        self.input_ids.len()
    }
}

/// The token row that stands for each word: its first subword.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PackedWords {
    /// Row of each word in the packed tokens `(words)`.
    pub rows: Vec<u32>,
    /// Borders of the sequences in `rows`; a sequence without words is an empty range.
    pub offsets: Offsets,
}

/// The token rows that an answer to a question may begin and end in: the sequence's first token, which
/// stands for *no answer here*, then those of the second text of a pair.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PackedPassages {
    /// The rows in the packed tokens `(passage tokens)`.
    pub rows: Vec<u32>,
    /// Bytes of the second text that each of them stands for, from and to; the first of a sequence
    /// stands for none.
    pub bytes: Vec<[u32; 2]>,
    /// Borders of the sequences in `rows`.
    pub offsets: Offsets,
}

impl PackedPassages {
    /// Places of a sequence in `rows`; none where a batch was made without them.
    pub fn range(&self, sequence: usize) -> std::ops::Range<usize> {
        match sequence < self.offsets.len() {
            true => self.offsets.range(sequence),
            false => 0..0,
        }
    }
}

/// The targets of one task in a batch.
#[derive(Clone, Debug, PartialEq)]
pub struct PackedTargets {
    /// Sequences that have a target, rising `(labelled)`.
    pub sequences: Vec<u32>,
    /// The targets, in the order of `sequences`.
    pub values: TargetValues,
}

/// Targets of several sequences in one array.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum TargetValues {
    /// Class index of each sequence `(labelled)`.
    Classes(Vec<u32>),
    /// 1 where a label holds, 0 where not `(labelled, labels)`, row-major.
    MultiLabel {
        /// Number of labels.
        width: usize,
        /// The ones and zeros.
        values: Vec<f32>,
    },
    /// Regression targets `(labelled, targets)`, row-major; NaN where one is missing.
    Numbers {
        /// Number of targets.
        width: usize,
        /// The numbers.
        values: Vec<f32>,
    },
    /// Tag index of every word of the labelled sequences `(words of them)`;
    /// [`IGNORED_TAG`](crate::IGNORED_TAG) where a word has none.
    Tags(Vec<u32>),
    /// Where the answer lies in each labelled sequence.
    Spans {
        /// Borders of the labelled sequences in their [passages](PackedPassages).
        passages: Offsets,
        /// First and last row of each answer, counted in its sequence's passage `(labelled)`; both
        /// 0 where this window does not hold it.
        bounds: Vec<[u32; 2]>,
    },
}

/// Where a sequence of a batch came from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct SequenceSource {
    /// Index of the example in what was handed to the packer.
    pub example: usize,
    /// First word of the example that this sequence holds: above 0 in the later windows of a
    /// long tagged text.
    pub first_word: usize,
}
