//! What a search makes candidates with.

use crate::constraint::Constraint;
use crate::transformation::{Request, Transformation};
use crate::{AttackError, AttackedText};

/// The attack's rules and transformations, and the example's draws and gradients.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Context<'a> {
    pub(crate) rules: &'a [Box<dyn Constraint>],
    pub(crate) transformations: &'a [Box<dyn Transformation>],
    pub(crate) request: Request<'a>,
    /// How the tokenizer writes a word that it does not know; `None` where it knows all.
    pub(crate) unknown: Option<&'a str>,
}

impl Context<'_> {
    /// Words of a text that may be changed and that some transformation could change.
    pub(crate) fn words(&self, text: &AttackedText) -> Vec<usize> {
        text.present()
            .filter(|&index| self.rules.iter().all(|rule| rule.allows_word(text, index)))
            .filter(|&index| {
                self.transformations
                    .iter()
                    .any(|kind| kind.touches(text, index))
            })
            .collect()
    }

    /// Candidates that change one of `words` and keep every rule.
    ///
    /// # Errors
    /// If a gradient is needed and cannot be had.
    pub(crate) fn candidates(
        &self,
        text: &AttackedText,
        words: &[usize],
    ) -> Result<Vec<AttackedText>, AttackError> {
        let mut all = Vec::new();
        for kind in self.transformations {
            let touched: Vec<usize> = words
                .iter()
                .copied()
                .filter(|&index| kind.touches(text, index))
                .collect();
            if !touched.is_empty() {
                all.extend(kind.candidates(text, &touched, &self.request)?);
            }
        }
        all.retain(|candidate| {
            candidate != text && self.rules.iter().all(|rule| rule.allows(candidate))
        });
        Ok(all)
    }
}
