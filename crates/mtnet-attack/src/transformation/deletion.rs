//! A text with one word less. The last word stays: of nothing no model says anything.

use super::{Request, Transformation};
use crate::{AttackError, AttackedText};

#[derive(Debug)]
pub(super) struct Deletion;

impl Transformation for Deletion {
    fn keeps_words(&self) -> bool {
        false
    }

    fn touches(&self, text: &AttackedText, index: usize) -> bool {
        text.word(index).is_some()
    }

    fn candidates(
        &self,
        text: &AttackedText,
        words: &[usize],
        _: &Request<'_>,
    ) -> Result<Vec<AttackedText>, AttackError> {
        if text.present().count() < 2 {
            return Ok(Vec::new());
        }
        Ok(words.iter().map(|&index| text.delete(index)).collect())
    }
}
