//! What is wanted of an input, and what one pass gave.

use std::collections::BTreeMap;
use std::time::Duration;

use mtnet_core::TaskName;

use crate::Prediction;

/// What is wanted of an input.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ask {
    /// Indices of the tasks that shall answer; see
    /// [`MultiTaskModel::task_index`](crate::MultiTaskModel::task_index).
    pub tasks: Vec<usize>,
    /// Whether labels come with unnormalised scores instead of probabilities.
    pub raw_scores: bool,
    /// Whether the pooled row is wanted as well.
    pub embedding: bool,
}

/// What the model says of one input.
#[derive(Clone, Debug, PartialEq)]
pub struct Reply {
    /// Answers of the tasks that were asked for.
    pub prediction: Prediction,
    /// The pooled row `(hidden)`, not normalised, of the text's first window.
    pub embedding: Option<Vec<f32>>,
}

/// Replies in the order of their inputs, and how long the parts of the pass took.
#[derive(Clone, Debug, Default)]
pub struct Replies {
    /// One for each input.
    pub replies: Vec<Reply>,
    /// Time in the encoder.
    pub encoder: Duration,
    /// Time in each head, from hidden rows to answers.
    pub heads: BTreeMap<TaskName, Duration>,
}
