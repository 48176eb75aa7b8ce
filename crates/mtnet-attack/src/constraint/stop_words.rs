//! Function words stay as they are.

use super::Constraint;
use crate::{AttackedText, is_stop_word};

#[derive(Debug)]
pub(super) struct KeepStopWords;

impl Constraint for KeepStopWords {
    fn allows_word(&self, text: &AttackedText, index: usize) -> bool {
        !is_stop_word(text.original_word(index))
    }
}
