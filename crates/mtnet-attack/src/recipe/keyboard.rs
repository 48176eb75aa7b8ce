//! Slips of the finger: a key beside the right one, in long words and in few of them.
//!
//! Belinkov and Bisk 2018, "Synthetic and Natural Noise Both Break Neural Machine Translation"
//! (<https://arxiv.org/abs/1711.02173>), §3.2; here in the most important words, first and last
//! letter kept.

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
        keep_numbers: true,
        min_word_length: Some(4),
        max_words_share: Some(0.3),
        ..Constraints::default()
    };
    let search = SearchConfig::GreedyWords {
        importance: Importance::Unknown,
    };
    let transformations = vec![TransformationConfig::Characters {
        edits: vec![CharacterEdit::Keyboard],
        ends: Ends::KEPT,
        variants: 4,
    }];
    (GoalConfig::default(), constraints, search, transformations)
}
