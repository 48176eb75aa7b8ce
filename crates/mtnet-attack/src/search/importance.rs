//! How much the answer hangs on each word.

use super::{Context, Importance};
use crate::{AttackError, AttackedText};

/// The texts whose scores tell the importance of `words`, one a word; `None` where gradients tell
/// it without a question.
pub(super) fn probes(
    importance: Importance,
    context: &Context<'_>,
    text: &AttackedText,
    words: &[usize],
) -> Option<Vec<AttackedText>> {
    let probe = |&index: &usize| match (importance, context.unknown) {
        (Importance::Unknown, Some(unknown)) => text.replace(index, unknown),
        _ => text.delete(index),
    };
    (importance != Importance::Gradient).then(|| words.iter().map(probe).collect())
}

/// Words by falling importance; of equals the first.
pub(super) fn ordered(words: &[usize], scores: &[f64]) -> Vec<usize> {
    let mut ranked: Vec<(usize, f64)> = words.iter().copied().zip(scores.iter().copied()).collect();
    ranked.sort_by(|a, b| b.1.total_cmp(&a.1));
    ranked.into_iter().map(|(word, _)| word).collect()
}

/// Length of the gradient at each word's longest-sloped piece.
pub(super) fn gradients(
    context: &Context<'_>,
    text: &AttackedText,
    words: &[usize],
) -> Result<Vec<f64>, AttackError> {
    let (white_box, slope) = context.request.slope(&text.to_input())?;
    let norms = white_box.norms(&slope)?;
    let (_, layout) = text.layout();
    let of_word = |word: &usize| {
        let place = layout.iter().find(|(index, _)| index == word);
        let range = place.map(|(_, range)| range.clone()).unwrap_or_default();
        let inside = |span: &mtnet_text::TokenSpan| {
            span.segment == 0
                && span.start < span.end
                && range.start <= span.start as usize
                && span.end as usize <= range.end
        };
        let tokens = slope.window.spans.iter().zip(&norms);
        tokens
            .filter(|(span, _)| span.as_ref().is_some_and(inside))
            .map(|(_, &norm)| f64::from(norm))
            .fold(0.0, f64::max)
    };
    Ok(words.iter().map(of_word).collect())
}
