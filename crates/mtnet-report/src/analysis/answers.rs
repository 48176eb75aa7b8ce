//! Answers to questions as slices of the text that they are in.

use mtnet_metrics::squad_v2;

use crate::predictions::{Outcome, Prediction};

/// Right answers and the one given, empty for *no answer*; `None` for other kinds of answer.
pub fn answer_texts(prediction: &Prediction) -> Option<(Vec<&str>, &str)> {
    let Outcome::Spans { truth, answer } = &prediction.outcome else {
        return None;
    };
    let context = prediction.text_pair.as_deref()?;
    let slice = |[from, to]: [usize; 2]| context.get(from..to).unwrap_or_default();
    Some((
        truth.iter().copied().map(slice).collect(),
        answer.map(slice).unwrap_or_default(),
    ))
}

/// Whether an answer matches exactly, and the F1 of its words.
pub fn answer_scores(prediction: &Prediction) -> Option<(bool, f64)> {
    let (truth, answer) = answer_texts(prediction)?;
    let scores = squad_v2(&[answer], &[truth]).ok()?;
    Some((scores.exact_match > 0.5, scores.f1))
}
