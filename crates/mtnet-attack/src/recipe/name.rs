//! The recipes by name.

use std::fmt;
use std::str::FromStr;

use mtnet_core::nearest;

use super::{
    case, checklist, deepwordbug, hotflip, input_reduction, keyboard, synonyms, textbugger,
    zero_width,
};
use crate::{AttackConfig, AttackError};

/// A published attack, or one of its kind, with the settings that are reported with its figures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Recipe {
    /// Misspellings of the most important words (Gao et al. 2018).
    DeepWordBug,
    /// The character half of TextBugger (Li et al. 2019).
    TextBuggerCharacters,
    /// Keys beside the right one.
    Keyboard,
    /// Letters in the other case.
    Case,
    /// Characters that show nothing.
    ZeroWidth,
    /// Pieces of words swapped along the gradient (Ebrahimi et al. 2018).
    HotFlip,
    /// As few words as keep the answer (Feng et al. 2018).
    InputReduction,
    /// Changes that keep a label (Ribeiro et al. 2020).
    Checklist,
    /// Words swapped by the user's table.
    Synonyms,
}

impl Recipe {
    /// Every recipe.
    pub const ALL: [Self; 9] = [
        Self::DeepWordBug,
        Self::TextBuggerCharacters,
        Self::Keyboard,
        Self::Case,
        Self::ZeroWidth,
        Self::HotFlip,
        Self::InputReduction,
        Self::Checklist,
        Self::Synonyms,
    ];

    /// Its settings.
    pub fn config(self) -> AttackConfig {
        let (goal, constraints, search, transformations) = match self {
            Self::DeepWordBug => deepwordbug::parts(),
            Self::TextBuggerCharacters => textbugger::parts(),
            Self::Keyboard => keyboard::parts(),
            Self::Case => case::parts(),
            Self::ZeroWidth => zero_width::parts(),
            Self::HotFlip => hotflip::parts(),
            Self::InputReduction => input_reduction::parts(),
            Self::Checklist => checklist::parts(),
            Self::Synonyms => synonyms::parts(),
        };
        AttackConfig {
            name: self.name().to_owned(),
            max_queries: None,
            goal,
            constraints,
            search,
            transformations,
        }
    }

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::DeepWordBug => "deepwordbug",
            Self::TextBuggerCharacters => "textbugger-characters",
            Self::Keyboard => "keyboard",
            Self::Case => "case",
            Self::ZeroWidth => "zero-width",
            Self::HotFlip => "hotflip",
            Self::InputReduction => "input-reduction",
            Self::Checklist => "checklist",
            Self::Synonyms => "synonyms",
        }
    }
}

impl fmt::Display for Recipe {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Recipe {
    type Err = AttackError;

    fn from_str(name: &str) -> Result<Self, AttackError> {
        let known = Self::ALL.into_iter().find(|recipe| recipe.name() == name);
        known.ok_or_else(|| {
            let names = Self::ALL.map(Self::name);
            let near = nearest(name, names)
                .map_or(String::new(), |near| format!("; did you mean `{near}`?"));
            AttackError::UnknownRecipe {
                found: name.to_owned(),
                known: format!("{}{near}", names.join(", ")),
            }
        })
    }
}
