//! The changes by name.

use serde::{Deserialize, Serialize};

/// A change that keeps a label.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Invariance {
    /// A first name becomes another of the same gender.
    Names,
    /// A country or a city becomes another.
    Locations,
    /// A whole number becomes another of the same length.
    Numbers,
    /// `do not` becomes `don't`, and the other way round.
    Contractions,
    /// A mark at the end of the text goes or comes.
    Punctuation,
    /// Two letters change places.
    Typos,
}

impl Invariance {
    /// Every change.
    pub const ALL: [Self; 6] = [
        Self::Names,
        Self::Locations,
        Self::Numbers,
        Self::Contractions,
        Self::Punctuation,
        Self::Typos,
    ];

    /// Whether a word of the text stays one word in its place.
    pub fn keeps_words(self) -> bool {
        !matches!(self, Self::Contractions | Self::Punctuation)
    }

    /// The name that settings use.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Names => "names",
            Self::Locations => "locations",
            Self::Numbers => "numbers",
            Self::Contractions => "contractions",
            Self::Punctuation => "punctuation",
            Self::Typos => "typos",
        }
    }
}
