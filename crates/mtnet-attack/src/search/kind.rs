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

/// Whether `one` is nearer to the goal than `other`, by more than rounding.
pub(super) fn is_better(one: &Judged, other: &Judged) -> bool {
    let (one, other) = (&one.verdict, &other.verdict);
    match one.succeeded == other.succeeded {
        true => one.score > other.score + other.rounding,
        false => one.succeeded,
    }
}

#[cfg(test)]
mod tests {
    use mtnet_core::{InputText, Segment};

    use super::*;

    fn judged(verdict: Verdict) -> Judged {
        Judged {
            text: AttackedText::new(&InputText::Single(Segment::from_text("a good film"))),
            answer: Answer::Numbers { values: Vec::new() },
            verdict,
        }
    }

    #[test]
    fn small_steps_count_where_scores_keep_their_digits_and_rounding_nowhere() {
        let better = |make: fn(f64, bool) -> Verdict, one, other| {
            is_better(&judged(make(one, false)), &judged(make(other, false)))
        };
        // All but sure: another word has made the wrong label twice as likely.
        assert!(better(Verdict::of_probability, 4e-9, 2e-9));
        assert!(!better(Verdict::of_probability, 2.000_01e-9, 2e-9));
        assert!(!better(Verdict::of_probability, 0.400_003, 0.4));
        assert!(better(Verdict::of_probability, 1e-30, 0.0));
        // 1 − p of numbers of 24 bits has steps of 6e-8.
        assert!(!better(Verdict::new, 1.2e-7, 6e-8));
        assert!(better(Verdict::new, 2e-6, 6e-8));
    }

    #[test]
    fn the_goal_comes_before_the_score() {
        let reached = judged(Verdict::new(0.1, true));
        let near = judged(Verdict::new(0.9, false));
        assert!(is_better(&reached, &near) && !is_better(&near, &reached));
        let best = best_of(vec![near.clone(), reached, near]).unwrap();
        assert!(best.verdict.succeeded);
    }
}
