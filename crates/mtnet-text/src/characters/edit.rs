//! The changes by name.

use mtnet_core::RandomStream;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{case, delete, homoglyph, insert, keyboard, substitute, swap, zero_width};

/// A change of a word's characters, at one random place of those where it can be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum CharacterEdit {
    /// Two neighbours change places (Gao et al. 2018, §III-D).
    Swap,
    /// A random letter in the place of a character (Gao et al. 2018, §III-D).
    Substitute,
    /// A character is lost (Gao et al. 2018, §III-D).
    Delete,
    /// A random letter before a character (Gao et al. 2018, §III-D).
    Insert,
    /// A blank inside the word, which makes two of it (Li et al. 2019, §III-B).
    InsertSpace,
    /// A character that looks the same (Li et al. 2019, §III-B, "Sub-C").
    Homoglyph,
    /// The key beside the right one (Belinkov and Bisk 2018, §3.2).
    Keyboard,
    /// A letter in the other case.
    FlipCase,
    /// All letters in upper case.
    UpperCase,
    /// A character that shows nothing between two others (Boucher et al. 2022, §IV-A).
    ZeroWidth,
}

/// Characters at the ends of a word that stay as they are: readers hardly notice a change between
/// the right first and last letter (Rawlinson 1976).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Ends {
    /// Whether the first character stays.
    pub keep_first: bool,
    /// Whether the last character stays.
    pub keep_last: bool,
}

impl CharacterEdit {
    /// Every change.
    pub const ALL: [Self; 10] = [
        Self::Swap,
        Self::Substitute,
        Self::Delete,
        Self::Insert,
        Self::InsertSpace,
        Self::Homoglyph,
        Self::Keyboard,
        Self::FlipCase,
        Self::UpperCase,
        Self::ZeroWidth,
    ];

    /// The word after the change; `None` where it cannot be made or draws the same word again.
    /// Words of one character are left alone.
    pub fn apply(self, word: &str, ends: Ends, stream: &mut RandomStream) -> Option<String> {
        let characters: Vec<char> = word.chars().collect();
        if characters.len() < 2 {
            return None;
        }
        let changed: String = match self {
            Self::Swap => swap::apply(&characters, ends, stream),
            Self::Substitute => substitute::apply(&characters, ends, stream),
            Self::Delete => delete::apply(&characters, ends, stream),
            Self::Insert => insert::letter(&characters, ends, stream),
            Self::InsertSpace => insert::between(&characters, ' ', stream),
            Self::Homoglyph => homoglyph::apply(&characters, ends, stream),
            Self::Keyboard => keyboard::apply(&characters, ends, stream),
            Self::FlipCase => case::flip(&characters, ends, stream),
            Self::UpperCase => Some(case::upper(word)),
            Self::ZeroWidth => zero_width::apply(&characters, stream),
        }?;
        (changed != word).then_some(changed)
    }

    /// Whether a word stays one word to a reader.
    pub fn keeps_words(self) -> bool {
        self != Self::InsertSpace
    }

    /// The name that settings use.
    pub fn name(self) -> &'static str {
        match self {
            Self::Swap => "swap",
            Self::Substitute => "substitute",
            Self::Delete => "delete",
            Self::Insert => "insert",
            Self::InsertSpace => "insert-space",
            Self::Homoglyph => "homoglyph",
            Self::Keyboard => "keyboard",
            Self::FlipCase => "flip-case",
            Self::UpperCase => "upper-case",
            Self::ZeroWidth => "zero-width",
        }
    }
}

impl Ends {
    /// Both stay.
    pub const KEPT: Self = Self {
        keep_first: true,
        keep_last: true,
    };

    /// Places of a word of `length` characters that may be changed.
    pub(super) fn inner(self, length: usize) -> std::ops::Range<usize> {
        let start = usize::from(self.keep_first);
        let end = length.saturating_sub(usize::from(self.keep_last));
        start..end.max(start)
    }
}

/// One of `places` at random.
pub(super) fn choose<T: Copy>(places: &[T], stream: &mut RandomStream) -> Option<T> {
    match u32::try_from(places.len()) {
        Ok(0) | Err(_) => None,
        Ok(count) => Some(places[stream.below(count) as usize]),
    }
}
