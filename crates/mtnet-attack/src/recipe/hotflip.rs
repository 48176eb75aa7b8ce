//! HotFlip: the swap that the gradient points to, by beam search.
//!
//! Ebrahimi et al. 2018, "HotFlip: White-Box Adversarial Examples for Text Classification"
//! (<https://arxiv.org/abs/1712.06751>), §3, with pieces of words in the place of characters. At
//! most two words, as in TextAttack's recipe; no bound on meaning, which takes a model of its own.

use crate::{Constraints, GoalConfig, SearchConfig, TransformationConfig};

pub(super) fn parts() -> (
    GoalConfig,
    Constraints,
    SearchConfig,
    Vec<TransformationConfig>,
) {
    let constraints = Constraints {
        modify_once: true,
        keep_stop_words: true,
        max_words: Some(2),
        ..Constraints::default()
    };
    let search = SearchConfig::Beam { width: 10 };
    let transformations = vec![TransformationConfig::Gradient {
        candidates: 1,
        min_cosine: None,
    }];
    (GoalConfig::default(), constraints, search, transformations)
}
