//! What a goal says of an answer.

use std::fmt::Debug;

use mtnet_core::Target;
use mtnet_heads::Answer;
use serde::Serialize;

use crate::AttackedText;

/// What a goal says of the answer to a text.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Verdict {
    /// How near the text comes to the goal; higher is nearer. Its range is the goal's own.
    pub score: f64,
    /// Scores no further apart than this are the same: where a text stands in a batch moves the last
    /// bits of an answer, and a change that the model does not see must not count as one.
    pub rounding: f64,
    /// Whether the goal is reached.
    pub succeeded: bool,
    /// Whether a search may go on from this text.
    pub feasible: bool,
}

/// Rounding of scores that are differences of numbers around 1, such as `1 − p`.
pub(super) const OF_DIFFERENCES: f64 = 1e-6;

/// Rounding of scores that keep their digits however small they are, as a share of them.
const SHARE: f64 = 1e-5;

impl Verdict {
    /// Of a goal that any text may lead to.
    pub(crate) fn new(score: f64, succeeded: bool) -> Self {
        Self {
            score,
            rounding: OF_DIFFERENCES,
            succeeded,
            feasible: true,
        }
    }

    /// The same of a score that is a probability or a sum of some, which is as exact near 0 as
    /// elsewhere: small steps of a model that is all but sure count.
    pub(crate) fn of_probability(score: f64, succeeded: bool) -> Self {
        Self {
            rounding: SHARE * score,
            ..Self::new(score, succeeded)
        }
    }
}

/// A goal for one example whose clean answer is known.
pub(crate) trait Goal: Debug {
    /// Whether the clean answer is right; where it is not, there is nothing to attack.
    fn starts_right(&self) -> bool;

    /// What an answer to a changed text means.
    fn judge(&self, text: &AttackedText, answer: &Answer) -> Verdict;

    /// The loss that an attack with gradients follows.
    fn steer(&self) -> &Steer;
}

/// A loss, and whether an attack raises or lowers it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Steer {
    /// What the loss is measured against.
    pub(crate) target: Target,
    /// Whether the attack raises it.
    pub(crate) raise: bool,
}

impl Steer {
    /// Away from the right answer.
    pub(crate) fn away_from(target: &Target) -> Self {
        Self {
            target: target.clone(),
            raise: true,
        }
    }
}
