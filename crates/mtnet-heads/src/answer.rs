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
}

impl Answer {
    /// What kind of answer it is, for messages.
    pub(crate) fn describe(&self) -> &'static str {
        match self {
            Self::Class { .. } => "one label",
            Self::Labels { .. } => "a set of labels",
            Self::Numbers { .. } => "numbers",
            Self::Tags { .. } => "tags",
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
