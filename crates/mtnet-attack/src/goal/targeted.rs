//! One certain label: `score = p(wanted)`.

use mtnet_core::Target;
use mtnet_heads::Answer;

use super::class::{chosen, probability};
use super::{Goal, Steer, Verdict};
use crate::AttackedText;

#[derive(Debug)]
pub(super) struct Targeted {
    wanted: u32,
    starts_right: bool,
    steer: Steer,
}

impl Targeted {
    pub(super) fn new(class: u32, wanted: u32, clean: &Answer) -> Self {
        Self {
            wanted,
            starts_right: chosen(clean) == Some(class),
            steer: Steer {
                target: Target::Class(wanted),
                raise: false,
            },
        }
    }
}

impl Goal for Targeted {
    fn starts_right(&self) -> bool {
        self.starts_right
    }

    fn judge(&self, _: &AttackedText, answer: &Answer) -> Verdict {
        Verdict::of_probability(
            probability(answer, self.wanted),
            chosen(answer) == Some(self.wanted),
        )
    }

    fn steer(&self) -> &Steer {
        &self.steer
    }
}
