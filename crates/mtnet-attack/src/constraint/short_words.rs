//! Short words stay as they are: one wrong letter of three makes another word.

use super::Constraint;
use crate::AttackedText;

#[derive(Debug)]
pub(super) struct KeepShortWords {
    /// Characters of the shortest word that may change.
    pub(super) min: usize,
}

impl Constraint for KeepShortWords {
    fn allows_word(&self, text: &AttackedText, index: usize) -> bool {
        text.original_word(index).chars().count() >= self.min
    }
}
