//! At most so many words differ from the original, as a number or as a share of them.

use super::Constraint;
use crate::AttackedText;

#[derive(Debug)]
pub(super) struct WordsChanged {
    pub(super) max: usize,
}

impl Constraint for WordsChanged {
    fn allows(&self, text: &AttackedText) -> bool {
        text.modified().count() <= self.max
    }
}

#[derive(Debug)]
pub(super) struct WordsShare {
    pub(super) max: f64,
}

impl Constraint for WordsShare {
    fn allows(&self, text: &AttackedText) -> bool {
        let limit = (self.max * text.countable() as f64).floor() as usize;
        text.modified().count() <= limit.max(1)
    }
}
