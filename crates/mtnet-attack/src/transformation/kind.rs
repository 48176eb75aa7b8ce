//! What a transformation is.

use std::cell::Cell;
use std::fmt::Debug;

use mtnet_core::{InputText, RandomStream};

use crate::goal::Steer;
use crate::text::is_countable;
use crate::white_box::Slope;
use crate::{AttackError, AttackedText, WhiteBox};

/// Makes candidates of a text, each with one thing changed.
pub(crate) trait Transformation: Debug {
    /// Whether a word of the text stays one word in its place, as a task that tags words needs.
    fn keeps_words(&self) -> bool;

    /// Whether it could change this word at all, so that a search need not rank others.
    fn touches(&self, text: &AttackedText, index: usize) -> bool {
        text.word(index).is_some_and(is_countable)
    }

    /// Candidates that change one of `words`, in an order that depends on nothing but the
    /// arguments.
    ///
    /// # Errors
    /// If a gradient is needed and cannot be had.
    fn candidates(
        &self,
        text: &AttackedText,
        words: &[usize],
        request: &Request<'_>,
    ) -> Result<Vec<AttackedText>, AttackError>;
}

/// What candidates are made with, beside the text.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Request<'a> {
    /// The example's own stream.
    pub(crate) stream: &'a RandomStream,
    /// The loss that gradients are of.
    pub(crate) steer: &'a Steer,
    /// The model from inside, where the attack needs it.
    pub(crate) white_box: Option<&'a WhiteBox<'a>>,
    /// How many gradients the example has cost.
    pub(crate) gradients: &'a Cell<usize>,
}

impl Request<'_> {
    /// The model from inside with the gradient at a text.
    ///
    /// # Errors
    /// If the model was not opened for gradients, or fails.
    pub(crate) fn slope(&self, input: &InputText) -> Result<(&WhiteBox<'_>, Slope), AttackError> {
        let Some(white_box) = self.white_box else {
            return Err(AttackError::WhiteBox {
                problem: "it was not opened for gradients".to_owned(),
            });
        };
        self.gradients.set(self.gradients.get() + 1);
        Ok((white_box, white_box.slope(input, self.steer)?))
    }
}
