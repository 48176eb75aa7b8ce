//! At most so many edits of characters from the original.

use super::Constraint;
use crate::AttackedText;

#[derive(Debug)]
pub(super) struct WithinDistance {
    pub(super) max: usize,
}

impl Constraint for WithinDistance {
    fn allows(&self, text: &AttackedText) -> bool {
        text.is_within(self.max)
    }
}
