//! Input reduction: words go as long as the answer stays.
//!
//! Feng et al. 2018, "Pathologies of Neural Models Make Interpretations Difficult"
//! (<https://arxiv.org/abs/1804.07781>), §2, with a beam of five (§2.2). Reduced is a text of one
//! word: what is left says little to a reader, and the model is as sure as before.

use crate::{Constraints, GoalConfig, SearchConfig, TransformationConfig};

pub(super) fn parts() -> (
    GoalConfig,
    Constraints,
    SearchConfig,
    Vec<TransformationConfig>,
) {
    let search = SearchConfig::Beam { width: 5 };
    let transformations = vec![TransformationConfig::Deletion {}];
    (
        GoalConfig::InputReduction { max_words: 1 },
        Constraints::default(),
        search,
        transformations,
    )
}
