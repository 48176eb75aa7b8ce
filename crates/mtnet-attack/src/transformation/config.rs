//! Transformations as settings.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::characters::Characters;
use super::deletion::Deletion;
use super::gradient::GradientSwap;
use super::synonyms::Synonyms;
use super::{Invariance, SynonymTable, Transformation};
use mtnet_text::characters::{CharacterEdit, Ends};

/// What makes candidates.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "kebab-case", deny_unknown_fields)]
pub enum TransformationConfig {
    /// Changes of a word's characters.
    Characters {
        /// Which changes.
        edits: Vec<CharacterEdit>,
        /// Characters at the ends of a word that stay.
        #[serde(default)]
        ends: Ends,
        /// Candidates of each change and word. Default 1.
        #[serde(default = "one")]
        variants: usize,
    },
    /// A word less.
    Deletion {},
    /// Another word from the user's table.
    Synonyms {},
    /// The piece of a word that the gradient at its embedding points to (white box).
    Gradient {
        /// Candidates of each piece. Default 1.
        #[serde(default = "one")]
        candidates: usize,
        /// Cosine of the old and the new piece's embeddings, at least.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        min_cosine: Option<f64>,
    },
    /// Changes that keep a label: other names, numbers, contractions and the like.
    Invariance {
        /// Which changes.
        kinds: Vec<Invariance>,
        /// Candidates of each change and word. Default 1.
        #[serde(default = "one")]
        variants: usize,
    },
}

fn one() -> usize {
    1
}

impl TransformationConfig {
    /// The transformation; `None` where a text whose words have to stay leaves nothing of it, or
    /// the table that it needs is not there.
    pub(crate) fn build(
        &self,
        synonyms: Option<&Arc<SynonymTable>>,
        keep_words: bool,
    ) -> Option<Box<dyn Transformation>> {
        let made: Box<dyn Transformation> = match self {
            Self::Characters {
                edits,
                ends,
                variants,
            } => {
                let fits = |edit: &&CharacterEdit| !keep_words || edit.keeps_words();
                let edits: Vec<CharacterEdit> = edits.iter().filter(fits).copied().collect();
                if edits.is_empty() {
                    return None;
                }
                Box::new(Characters::new(edits, *ends, *variants))
            }
            Self::Deletion {} => Box::new(Deletion),
            Self::Synonyms {} => Box::new(Synonyms::new(Arc::clone(synonyms?))),
            Self::Gradient {
                candidates,
                min_cosine,
            } => Box::new(GradientSwap::new(*candidates, *min_cosine)),
            Self::Invariance { kinds, variants } => {
                let fits = |kind: &&Invariance| !keep_words || kind.keeps_words();
                let kinds: Vec<Invariance> = kinds.iter().filter(fits).copied().collect();
                if kinds.is_empty() {
                    return None;
                }
                super::invariance::build(kinds, *variants)
            }
        };
        (!keep_words || made.keeps_words()).then_some(made)
    }

    /// Whether it needs the model from inside.
    pub(crate) fn needs_gradient(&self) -> bool {
        matches!(self, Self::Gradient { .. })
    }
}
