//! Labels as columns, and tags as lists.

use crate::predictions::{Outcome, Prediction};

/// The column of a label. Readers of predictions have checked that there is one.
pub fn index_of(columns: &[String], label: &str) -> usize {
    let found = columns.iter().position(|column| column == label);
    found.unwrap_or_default()
}

/// Whether all labels are `O` or begin with `B-` or `I-`, as entity scores need.
pub fn is_bio(columns: &[String]) -> bool {
    columns.iter().any(|label| label.starts_with("B-"))
        && columns
            .iter()
            .all(|label| label == "O" || label.starts_with("B-") || label.starts_with("I-"))
}

/// Right and answered tags of the words that have a right one, `None` for other kinds of answer.
pub fn known_tags(prediction: &Prediction) -> Option<(Vec<&str>, Vec<&str>)> {
    let Outcome::Tags { truth, answer, .. } = &prediction.outcome else {
        return None;
    };
    let known = truth.iter().zip(answer);
    let known = known.filter_map(|(truth, answer)| Some((truth.as_deref()?, answer.as_str())));
    Some(known.unzip())
}
