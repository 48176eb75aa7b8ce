//! Any label but the right one: `score = Σ p(label)` over the others, which is `1 − p(right)` with the
//! digits that the difference loses where the model is all but sure.
//!
//! The untargeted classification of Morris et al. 2020 (TextAttack, §3.1).

use mtnet_core::Target;
use mtnet_heads::Answer;

use super::{Goal, Steer, Verdict};
use crate::AttackedText;

#[derive(Debug)]
pub(super) struct Untargeted {
    class: u32,
    starts_right: bool,
    steer: Steer,
}

impl Untargeted {
    pub(super) fn new(class: u32, clean: &Answer) -> Self {
        Self {
            class,
            starts_right: chosen(clean) == Some(class),
            steer: Steer::away_from(&Target::Class(class)),
        }
    }
}

impl Goal for Untargeted {
    fn starts_right(&self) -> bool {
        self.starts_right
    }

    fn judge(&self, _: &AttackedText, answer: &Answer) -> Verdict {
        let others = match answer {
            Answer::Class { probabilities, .. } => (0u32..)
                .zip(probabilities)
                .filter(|&(label, _)| label != self.class)
                .map(|(_, &p)| f64::from(p))
                .sum(),
            _ => 0.0,
        };
        Verdict::of_probability(others, chosen(answer) != Some(self.class))
    }

    fn steer(&self) -> &Steer {
        &self.steer
    }
}

/// The label that an answer chose.
pub(super) fn chosen(answer: &Answer) -> Option<u32> {
    match answer {
        Answer::Class { label, .. } => Some(*label),
        _ => None,
    }
}

/// The probability of a label.
pub(super) fn probability(answer: &Answer, class: u32) -> f64 {
    match answer {
        Answer::Class { probabilities, .. } => probabilities
            .get(class as usize)
            .map_or(0.0, |&p| f64::from(p)),
        _ => 0.0,
    }
}
