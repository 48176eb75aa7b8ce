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
    /// Whether the goal is reached.
    pub succeeded: bool,
    /// Whether a search may go on from this text.
    pub feasible: bool,
}

impl Verdict {
    /// Of a goal that any text may lead to.
    pub(crate) fn new(score: f64, succeeded: bool) -> Self {
        Self {
            score,
            succeeded,
            feasible: true,
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
