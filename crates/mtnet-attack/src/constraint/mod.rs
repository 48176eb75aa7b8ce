//! Constraints: what an attack may change. One file a constraint.

mod config;
mod distance;
mod modify_once;
mod numbers;
mod short_words;
mod stop_words;
mod words_changed;

pub use config::Constraints;

use crate::AttackedText;

/// A rule that words or whole texts are held to.
pub(crate) trait Constraint: std::fmt::Debug {
    /// Whether a word of this text may be changed.
    fn allows_word(&self, _text: &AttackedText, _index: usize) -> bool {
        true
    }

    /// Whether a text may be asked about.
    fn allows(&self, _text: &AttackedText) -> bool {
        true
    }
}
