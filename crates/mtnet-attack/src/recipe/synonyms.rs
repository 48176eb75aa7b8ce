//! Words swapped by a table of the user's, the most important first.
//!
//! The search of TextFooler (Jin et al. 2020, <https://arxiv.org/abs/1907.11932>, §3) without its
//! word vectors: what counts as a synonym is yours to say.

use crate::{Constraints, GoalConfig, Importance, SearchConfig, TransformationConfig};

pub(super) fn parts() -> (
    GoalConfig,
    Constraints,
    SearchConfig,
    Vec<TransformationConfig>,
) {
    let constraints = Constraints {
        modify_once: true,
        keep_stop_words: true,
        max_words_share: Some(0.4),
        ..Constraints::default()
    };
    let search = SearchConfig::GreedyWords {
        importance: Importance::Deletion,
    };
    let transformations = vec![TransformationConfig::Synonyms {}];
    (GoalConfig::default(), constraints, search, transformations)
}
