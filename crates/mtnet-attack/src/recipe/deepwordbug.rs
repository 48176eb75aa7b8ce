//! DeepWordBug: swap, substitute, delete or insert a character of the most important words.
//!
//! Gao et al. 2018, "Black-box Generation of Adversarial Text Sequences to Evade Deep Learning
//! Classifiers" (<https://arxiv.org/abs/1801.04354>), §III; at most 30 edits (§III-D). Importance is
//! that of the unknown token in a word's place and function words stay, as in TextAttack's recipe.

use crate::{Constraints, GoalConfig, Importance, SearchConfig, TransformationConfig};

use mtnet_text::characters::{CharacterEdit, Ends};

pub(super) fn parts() -> (
    GoalConfig,
    Constraints,
    SearchConfig,
    Vec<TransformationConfig>,
) {
    let constraints = Constraints {
        modify_once: true,
        keep_stop_words: true,
        max_distance: Some(30),
        ..Constraints::default()
    };
    let search = SearchConfig::GreedyWords {
        importance: Importance::Unknown,
    };
    let transformations = vec![TransformationConfig::Characters {
        edits: vec![
            CharacterEdit::Swap,
            CharacterEdit::Substitute,
            CharacterEdit::Delete,
            CharacterEdit::Insert,
        ],
        ends: Ends::default(),
        variants: 1,
    }];
    (GoalConfig::default(), constraints, search, transformations)
}
