//! Words with a digit in them stay as they are: another number is another statement.

use super::Constraint;
use crate::AttackedText;

#[derive(Debug)]
pub(super) struct KeepNumbers;

impl Constraint for KeepNumbers {
    fn allows_word(&self, text: &AttackedText, index: usize) -> bool {
        !text.original_word(index).chars().any(char::is_numeric)
    }
}
