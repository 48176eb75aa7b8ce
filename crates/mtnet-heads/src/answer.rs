//! What a head answers for one text.

use serde::{Deserialize, Serialize};

/// An answer in columns of the head; names belong to the model folder.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Answer {
    /// One label.
    Class {
        /// The chosen column.
        label: u32,
        /// Probability of each column; they sum to 1.
        probabilities: Vec<f32>,
    },
    /// Any number of labels.
    Labels {
        /// The chosen columns, rising.
        labels: Vec<u32>,
        /// Probability of each column, independent of the others.
        probabilities: Vec<f32>,
    },
    /// Numbers, one a column.
    Numbers {
        /// The numbers.
        values: Vec<f32>,
    },
    /// One tag a word.
    Tags {
        /// The chosen column of each word.
        tags: Vec<u32>,
        /// Probability of each word's chosen column.
        probabilities: Vec<f32>,
    },
    /// Spans of the second text of a pair.
    Spans {
        /// The best ones, the best first. From a head, rows of its passage counted from the one that
        /// stands for *no answer*, both inclusive; from a model, bytes of the second text.
        spans: Vec<SpanScore>,
        /// Score of *no answer*.
        null: f32,
    },
}

/// A span and its score, the sum of those of its ends.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct SpanScore {
    /// Where it begins.
    pub start: u32,
    /// Where it ends.
    pub end: u32,
    /// Unnormalised.
    pub score: f32,
}

impl Answer {
    /// What kind of answer it is, for messages.
    pub(crate) fn describe(&self) -> &'static str {
        match self {
            Self::Class { .. } => "one label",
            Self::Labels { .. } => "a set of labels",
            Self::Numbers { .. } => "numbers",
            Self::Tags { .. } => "tags",
            Self::Spans { .. } => "spans of a text",
        }
    }
}

/// Softmax of one row of scores.
pub(crate) fn softmax(scores: &[f32]) -> Vec<f32> {
    let largest = scores.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let powers: Vec<f32> = scores.iter().map(|score| (score - largest).exp()).collect();
    let sum: f32 = powers.iter().sum();
    powers.iter().map(|power| power / sum).collect()
}

/// Column of the largest number, the first of equals.
pub(crate) fn argmax(values: &[f32]) -> u32 {
    let mut best = 0;
    for (index, value) in values.iter().enumerate() {
        if *value > values[best] {
            best = index;
        }
    }
    best as u32
}

/// Logistic function.
pub(crate) fn sigmoid(score: f32) -> f32 {
    1.0 / (1.0 + (-score).exp())
}
