//! Probabilities at a temperature: `softmax(z / T)` or `σ(z / T)` in place of those at `T = 1`.
//!
//! Only probabilities change. Labels and tags stay those that were decoded from the scores, which
//! division by a positive number would leave alone anyway but for rounding: it keeps the order of a
//! row, it adds the same to every path of tags, and it keeps a yes a yes at the threshold 0.5. At
//! another threshold labels stay too, so that a label may be answered with a probability below it.

use crate::Answer;
use crate::answer::{sigmoid, softmax};

/// How scores become probabilities.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Link {
    /// The columns of a row exclude each other.
    Softmax,
    /// Each column is a yes or no of its own.
    Sigmoid,
}

/// Gives answers the probabilities of their scores `(rows, columns)`, row-major, divided by
/// `temperature`. The rows are those that the answers were decoded from, in order: one an answer, or
/// one a tag.
///
/// # Panics
/// If there are fewer rows than answers and tags.
pub fn calibrate(answers: &mut [Answer], scores: &[f32], columns: usize, temperature: f64) {
    let divided = |row: &[f32]| -> Vec<f32> {
        row.iter()
            .map(|&score| (f64::from(score) / temperature) as f32)
            .collect()
    };
    let mut rows = scores.chunks_exact(columns.max(1));
    let mut next = || divided(rows.next().expect("a row of scores for every answer"));
    for answer in answers {
        match answer {
            Answer::Class { probabilities, .. } => *probabilities = softmax(&next()),
            Answer::Labels { probabilities, .. } => {
                *probabilities = next().into_iter().map(sigmoid).collect();
            }
            Answer::Tags {
                tags,
                probabilities,
            } => {
                for (tag, probability) in tags.iter().zip(probabilities) {
                    *probability = softmax(&next())[*tag as usize];
                }
            }
            Answer::Numbers { .. } | Answer::Spans { .. } => {}
        }
    }
}
