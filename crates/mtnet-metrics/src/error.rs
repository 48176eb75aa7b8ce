//! What can be wrong with what a metric is handed.

use crate::Scheme;

/// Why a metric could not be computed. Positions, rows and sequences count from 0.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum MetricError {
    /// There is nothing to score.
    #[error("no {what} given, expected at least one; leave the metric out where there is no data")]
    Empty {
        /// What is missing.
        what: &'static str,
    },
    /// Two lists that belong together differ in length.
    #[error("{found} {what} for {expected} {against}, expected as many")]
    Length {
        /// What the list holds.
        what: &'static str,
        /// How many it holds.
        found: usize,
        /// What the other list holds.
        against: &'static str,
        /// How many that holds.
        expected: usize,
    },
    /// One row of a table, or one sequence of many, has another length than its counterpart.
    #[error("row {row} of the {what} has {found} entries, expected {expected}")]
    RowLength {
        /// What the rows hold.
        what: &'static str,
        /// Which row.
        row: usize,
        /// How many entries it has.
        found: usize,
        /// How many it should have.
        expected: usize,
    },
    /// A class index that names no class.
    #[error(
        "{what} {position} is {class}, but there are {num_classes} classes; drop examples that have no label"
    )]
    ClassOutOfRange {
        /// `true class` or `predicted class`.
        what: &'static str,
        /// Which one.
        position: usize,
        /// The index.
        class: usize,
        /// How many classes there are.
        num_classes: usize,
    },
    /// A score that has no place in an order.
    #[error("score {column} of row {row} is not a number; look for a diverged model")]
    NotANumber {
        /// Which row.
        row: usize,
        /// Which entry of the row, 0 where a row has one.
        column: usize,
    },
    /// A probability outside 0 to 1.
    #[error(
        "probability {column} of row {row} is {value}, expected 0 to 1; apply a softmax or sigmoid to logits first"
    )]
    NotAProbability {
        /// Which row.
        row: usize,
        /// Which entry of the row, 0 where a row has one.
        column: usize,
        /// The value.
        value: f64,
    },
    /// Class probabilities that do not sum to one.
    #[error(
        "probabilities of row {row} sum to {sum}, expected 1; apply a softmax over the classes"
    )]
    NotADistribution {
        /// Which row.
        row: usize,
        /// What they sum to.
        sum: f64,
    },
    /// A setting outside its range.
    #[error("{setting} is {found}, expected {expected}")]
    Setting {
        /// Name of the setting.
        setting: &'static str,
        /// What was given.
        found: String,
        /// Its range.
        expected: &'static str,
    },
    /// A tag that the scheme has no letter for.
    #[error(
        "tag `{tag}` at position {position} of sequence {sequence} of the {tags} is not in scheme {scheme}, expected its first letter to be one of {}; name the scheme that the tags are in, or score leniently",
        .scheme.letters()
    )]
    Tag {
        /// `tags`, `true tags` or `predicted tags`.
        tags: &'static str,
        /// Which sequence, 0 where there is one.
        sequence: usize,
        /// Which tag of it.
        position: usize,
        /// The tag.
        tag: String,
        /// The scheme it should be in.
        scheme: Scheme,
    },
    /// A question of SQuAD 1.1 that nothing answers.
    #[error(
        "question {position} has no true answer, expected at least one; score unanswerable questions by SQuAD 2.0"
    )]
    Unanswerable {
        /// Which question.
        position: usize,
    },
}
