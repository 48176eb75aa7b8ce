//! A whole attack as settings.

use serde::{Deserialize, Serialize};

use crate::{Constraints, GoalConfig, SearchConfig, TransformationConfig};

/// Goal, constraints, transformations and search, under one name.
///
/// As TOML it is what `mtnet attack --recipe FILE.toml` reads:
///
/// ```
/// # let config: mtnet_attack::AttackConfig = toml::from_str(r#"
/// name = "typos-in-long-words"
/// search = { type = "greedy-words", importance = "deletion" }
///
/// [constraints]
/// min_word_length = 5
/// max_words_share = 0.2
///
/// [[transformations]]
/// type = "characters"
/// edits = ["swap", "keyboard"]
/// ends = { keep_first = true, keep_last = true }
/// # "#)?;
/// # assert_eq!(config.constraints.min_word_length, Some(5));
/// # Ok::<(), toml::de::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AttackConfig {
    /// The name in reports; draws depend on it.
    pub name: String,
    /// Questions an example may cost, the clean one counted. Default: no limit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_queries: Option<usize>,
    /// What the attack wants. Default: any answer but the right one.
    #[serde(default)]
    pub goal: GoalConfig,
    /// What it may change.
    #[serde(default)]
    pub constraints: Constraints,
    /// How it chooses.
    pub search: SearchConfig,
    /// What makes candidates, at least one.
    pub transformations: Vec<TransformationConfig>,
}

impl AttackConfig {
    /// Whether it needs the model from inside.
    pub fn needs_gradient(&self) -> bool {
        self.search.needs_gradient()
            || self
                .transformations
                .iter()
                .any(TransformationConfig::needs_gradient)
    }

    /// Whether it needs a table of synonyms.
    pub fn needs_synonyms(&self) -> bool {
        self.transformations
            .iter()
            .any(|one| matches!(one, TransformationConfig::Synonyms {}))
    }
}
