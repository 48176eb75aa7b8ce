//! A word that was changed is not changed again.

use super::Constraint;
use crate::AttackedText;

#[derive(Debug)]
pub(super) struct ModifyOnce;

impl Constraint for ModifyOnce {
    fn allows_word(&self, text: &AttackedText, index: usize) -> bool {
        !text.is_modified(index)
    }
}
