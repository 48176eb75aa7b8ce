//! The `[augment]` table: more examples from those that there are.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Noisy copies of the training examples.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AugmentConfig {
    /// Share of the words of a copy that have a slip in them: two letters swapped, one dropped or
    /// inserted, or a neighbour on the keyboard in place of one.
    pub character_noise: f64,
    /// Copies of each training example, beside the example itself. Default 1.
    #[serde(default = "one")]
    pub copies: usize,
}

fn one() -> usize {
    1
}

impl AugmentConfig {
    /// The first setting that is out of range: its name, what it is, and what it may be.
    pub fn problem(&self) -> Option<(&'static str, String, &'static str)> {
        if !(self.character_noise > 0.0 && self.character_noise <= 1.0) {
            let found = self.character_noise.to_string();
            return Some(("character_noise", found, "a number above 0, at most 1"));
        }
        if !(1..=20).contains(&self.copies) {
            return Some(("copies", self.copies.to_string(), "from 1 to 20"));
        }
        None
    }
}
