//! Letters in the other case: nothing for a tokenizer that lowers case, other pieces for the rest.

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
        edits: vec![CharacterEdit::FlipCase, CharacterEdit::UpperCase],
        ends: Ends::default(),
        variants: 2,
    }];
    (GoalConfig::default(), constraints, search, transformations)
}
