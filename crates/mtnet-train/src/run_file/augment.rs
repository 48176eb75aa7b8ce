//! The `[augment]` table: more examples from those that there are.

use mtnet_text::characters::CharacterEdit;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Noisy copies of the training examples.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AugmentConfig {
    /// Share of the words of a copy that have a slip in them, one of `edits`.
    pub character_noise: f64,
    /// What slips there are. Default: two characters swapped, one dropped, one inserted, or the key
    /// beside the right one.
    #[serde(default = "slips")]
    pub edits: Vec<CharacterEdit>,
    /// Copies of each training example, beside the example itself. Default 1.
    #[serde(default = "one")]
    pub copies: usize,
}

fn slips() -> Vec<CharacterEdit> {
    use CharacterEdit::{Delete, Insert, Keyboard, Swap};
    vec![Swap, Delete, Insert, Keyboard]
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
        if self.edits.is_empty() {
            return Some((
                "edits",
                "[]".to_owned(),
                "at least one change, such as \"swap\"",
            ));
        }
        if !(1..=20).contains(&self.copies) {
            return Some(("copies", self.copies.to_string(), "from 1 to 20"));
        }
        None
    }
}
