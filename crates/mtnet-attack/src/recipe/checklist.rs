//! Changes that keep a label, three words at most.
//!
//! Ribeiro et al. 2020, "Beyond Accuracy: Behavioral Testing of NLP Models with CheckList"
//! (<https://arxiv.org/abs/2005.04118>), §2.2, the invariance tests, with a greedy search over them.

use crate::{Constraints, GoalConfig, Invariance, SearchConfig, TransformationConfig};

pub(super) fn parts() -> (
    GoalConfig,
    Constraints,
    SearchConfig,
    Vec<TransformationConfig>,
) {
    let constraints = Constraints {
        modify_once: true,
        max_words: Some(3),
        ..Constraints::default()
    };
    let search = SearchConfig::Beam { width: 1 };
    let transformations = vec![TransformationConfig::Invariance {
        kinds: Invariance::ALL.to_vec(),
        variants: 3,
    }];
    (GoalConfig::default(), constraints, search, transformations)
}
