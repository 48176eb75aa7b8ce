//! The same answer from ever fewer words: `score = words deleted + p(answer)`.
//!
//! Feng et al. 2018, "Pathologies of Neural Models Make Interpretations Difficult"
//! (<https://arxiv.org/abs/1804.07781>), §2.1. A text whose answer changes is no way on. Reduced is
//! a text of `max_words` or fewer.

use mtnet_core::Target;
use mtnet_heads::Answer;

use super::class::{chosen, probability};
use super::verdict::OF_DIFFERENCES;
use super::{Goal, Steer, Verdict};
use crate::AttackedText;

#[derive(Debug)]
pub(super) struct Reduced {
    class: u32,
    max_words: usize,
    starts_right: bool,
    steer: Steer,
}

impl Reduced {
    pub(super) fn new(class: u32, max_words: usize, clean: &Answer) -> Self {
        Self {
            class,
            max_words,
            starts_right: chosen(clean) == Some(class),
            // Words are given up in the order in which they matter least.
            steer: Steer {
                target: Target::Class(class),
                raise: false,
            },
        }
    }
}

impl Goal for Reduced {
    fn starts_right(&self) -> bool {
        self.starts_right
    }

    fn judge(&self, text: &AttackedText, answer: &Answer) -> Verdict {
        let deleted = text.len() - text.present().count();
        let words = text.countable_left();
        let same = chosen(answer) == Some(self.class);
        Verdict {
            score: deleted as f64 + probability(answer, self.class),
            rounding: OF_DIFFERENCES,
            succeeded: same && words <= self.max_words,
            feasible: same,
        }
    }

    fn steer(&self) -> &Steer {
        &self.steer
    }
}
