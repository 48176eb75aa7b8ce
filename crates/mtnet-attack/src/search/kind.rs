//! What a search is.

use std::fmt::Debug;

use mtnet_heads::Answer;

use super::Context;
use crate::{AttackError, AttackedText, Verdict};

/// A text with what the model answered and what the goal says of it.
#[derive(Clone, Debug)]
pub(crate) struct Judged {
    /// The text.
    pub(crate) text: AttackedText,
    /// The answer.
    pub(crate) answer: Answer,
    /// What the goal says.
    pub(crate) verdict: Verdict,
}

/// The search on one example.
pub(crate) trait Search: Debug {
    /// What to ask next; nothing where the search is over.
    ///
    /// `judged` are the texts of the last call in their order, without the last ones where the
    /// budget did not reach so far. At the first call it is the clean text.
    ///
    /// # Errors
    /// If candidates cannot be made.
    fn next(
        &mut self,
        context: &Context<'_>,
        judged: Vec<Judged>,
    ) -> Result<Vec<AttackedText>, AttackError>;

    /// The best text so far; `None` before the first call.
    fn best(&self) -> Option<&Judged>;
}

/// The best of some texts: one that reached the goal before one that did not, then the higher
/// score, then the first.
pub(super) fn best_of(judged: Vec<Judged>) -> Option<Judged> {
    judged
        .into_iter()
        .filter(|one| one.verdict.feasible)
        .fold(None, |best, one| match best {
            Some(best) if !is_better(&one, &best) => Some(best),
            _ => Some(one),
        })
}

/// Scores nearer to each other than this are the same: where a text stands in a batch moves the last
/// bits of an answer, and a change that the model does not see must not count as one.
const ROUNDING: f64 = 1e-6;

/// Whether `one` is nearer to the goal than `other`.
pub(super) fn is_better(one: &Judged, other: &Judged) -> bool {
    let (one, other) = (&one.verdict, &other.verdict);
    match one.succeeded == other.succeeded {
        true => one.score > other.score + ROUNDING,
        false => one.succeeded,
    }
}
