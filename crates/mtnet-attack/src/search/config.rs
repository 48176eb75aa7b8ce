//! Searches as settings.

use serde::{Deserialize, Serialize};

use super::Search;
use super::beam::Beam;
use super::greedy::GreedyWords;
use crate::AttackError;

/// How candidates are chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "kebab-case", deny_unknown_fields)]
pub enum SearchConfig {
    /// Words one after the other, the most important first; each keeps its best candidate.
    GreedyWords {
        /// What makes a word important.
        importance: Importance,
    },
    /// The best few texts go on, each with every word.
    Beam {
        /// How many. With 1 the search is greedy.
        width: usize,
    },
}

/// What makes a word important.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Importance {
    /// The score of the text with the unknown token in the word's place.
    Unknown,
    /// The score of the text without the word.
    Deletion,
    /// The length of the gradient at the word's embeddings (white box).
    Gradient,
}

impl SearchConfig {
    /// A search at its beginning.
    pub(crate) fn build(self) -> Result<Box<dyn Search>, AttackError> {
        Ok(match self {
            Self::GreedyWords { importance } => Box::new(GreedyWords::new(importance)),
            Self::Beam { width: 0 } => {
                return Err(AttackError::Setting {
                    key: "width",
                    found: "0".to_owned(),
                    expected: "a whole number above 0",
                });
            }
            Self::Beam { width } => Box::new(Beam::new(width)),
        })
    }

    /// Whether it needs the model from inside.
    pub(crate) fn needs_gradient(self) -> bool {
        let importance = Importance::Gradient;
        self == Self::GreedyWords { importance }
    }
}
