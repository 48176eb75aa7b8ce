//! The character half of TextBugger: a blank inside, a character less, two swapped, a look-alike.
//!
//! Li et al. 2019, "TextBugger: Generating Adversarial Text Against Real-world Applications"
//! (<https://arxiv.org/abs/1812.05271>), §III; importance is that of a word left out (§III-A), ends
//! of words stay. Its swaps of whole words and its bound on the similarity of sentence vectors need
//! models of their own; in the bound's place stand at most 30 edits.

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
        importance: Importance::Deletion,
    };
    let transformations = vec![TransformationConfig::Characters {
        edits: vec![
            CharacterEdit::InsertSpace,
            CharacterEdit::Delete,
            CharacterEdit::Swap,
            CharacterEdit::Homoglyph,
        ],
        ends: Ends::KEPT,
        variants: 1,
    }];
    (GoalConfig::default(), constraints, search, transformations)
}
