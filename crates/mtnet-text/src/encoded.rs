//! A text as a model reads it: windows of tokens, each with its place in the text.

/// How texts are encoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EncodeOptions {
    /// Tokens of a window at most, special ones included.
    pub max_length: usize,
    /// Whether a single text with words is split into windows instead of being cut.
    pub windows: bool,
    /// Tokens of a pair's second text that neighbouring windows share, where the pair is split into
    /// windows over it; pairs are cut where there is none. At most half of what a window holds of it.
    pub overlap: Option<usize>,
}

/// A text as a model reads it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EncodedText {
    /// Its windows, at least one. Every word of the first text lies in exactly one of them.
    pub windows: Vec<Window>,
    /// Tokens that no window holds because the text is too long.
    pub dropped_tokens: usize,
}

impl EncodedText {
    /// Tokens of all windows, special ones included.
    pub fn tokens(&self) -> usize {
        self.windows
            .iter()
            .map(|window| window.input_ids.len())
            .sum()
    }
}

/// A sequence of tokens with its special ones.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Window {
    /// Token ids `(tokens)`.
    pub input_ids: Vec<u32>,
    /// Segment of each token `(tokens)`.
    pub type_ids: Vec<u32>,
    /// Place of each token in its text `(tokens)`; `None` for special tokens.
    pub spans: Vec<Option<TokenSpan>>,
    /// Words of the text that lie before this window.
    pub first_word: usize,
    /// Index in this window of the token that stands for each of its words `(words)`, never
    /// falling. Empty where the text states no words.
    pub word_tokens: Vec<u32>,
}

/// Where a token lies: bytes of the first (0) or second (1) text, without blanks at the ends.
/// Empty for a token that stands for no character, or for a blank.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TokenSpan {
    /// 0 for the first text, 1 for the second of a pair.
    pub segment: u8,
    /// First byte.
    pub start: u32,
    /// Byte behind the last.
    pub end: u32,
}
