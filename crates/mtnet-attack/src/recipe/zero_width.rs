//! Characters that show nothing: a reader sees the same text.
//!
//! Boucher et al. 2022, "Bad Characters: Imperceptible NLP Attacks"
//! (<https://arxiv.org/abs/2106.09898>), §IV-A; there with a search by differential evolution.

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
        ..Constraints::default()
    };
    let search = SearchConfig::GreedyWords {
        importance: Importance::Unknown,
    };
    let transformations = vec![TransformationConfig::Characters {
        edits: vec![CharacterEdit::ZeroWidth],
        ends: Ends::default(),
        variants: 2,
    }];
    (GoalConfig::default(), constraints, search, transformations)
}
