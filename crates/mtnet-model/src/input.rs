//! What a predictor is asked about, as given and as the model reads it.

use mtnet_core::{InputText, Segment};
use mtnet_text::{EncodedText, split_words};

/// What a predictor is asked about.
#[derive(Clone, Debug, PartialEq)]
pub struct PredictInput {
    pub(crate) text: InputText,
}

impl PredictInput {
    /// One text; its words are found by [`split_words`].
    pub fn text(text: impl Into<String>) -> Self {
        Self {
            text: InputText::Single(with_words(text.into())),
        }
    }

    /// A pair of texts.
    pub fn pair(first: impl Into<String>, second: impl Into<String>) -> Self {
        Self {
            text: InputText::Pair(with_words(first.into()), Segment::from_text(second)),
        }
    }

    /// A text given as words; tags are answered for exactly these.
    pub fn words<S: AsRef<str>>(words: &[S]) -> Self {
        Self {
            text: InputText::Single(Segment::from_words(words, " ")),
        }
    }

    /// The (first) text.
    pub fn as_str(&self) -> &str {
        self.text.first().text()
    }

    /// The second text of a pair.
    pub fn second(&self) -> Option<&str> {
        self.text.second().map(Segment::text)
    }
}

fn with_words(text: String) -> Segment {
    let words = split_words(&text);
    // Ranges that the splitter made are slices of the text.
    Segment::with_words(text.clone(), words).unwrap_or_else(|_| Segment::from_text(text))
}

/// An input as the model reads it: see [`Predictor::prepare`](crate::Predictor::prepare).
#[derive(Clone, Debug, PartialEq)]
pub struct PreparedInput {
    pub(crate) text: InputText,
    pub(crate) encoded: EncodedText,
}

impl PreparedInput {
    /// Tokens of all its windows, special ones included.
    pub fn tokens(&self) -> usize {
        self.encoded.tokens()
    }

    /// Windows, tokens and their places.
    pub fn encoded(&self) -> &EncodedText {
        &self.encoded
    }

    /// The text or pair.
    pub fn text(&self) -> &InputText {
        &self.text
    }

    /// Whether it is longer than one window: then heads that answer for a whole text have read
    /// its beginning only.
    pub fn is_cut(&self) -> bool {
        self.encoded.windows.len() > 1 || self.encoded.dropped_tokens > 0
    }

    /// Leaves out windows from the end until at most `tokens` are left, or one window; what goes
    /// is counted as dropped.
    pub fn limit(&mut self, tokens: usize) {
        while self.encoded.windows.len() > 1 && self.encoded.tokens() > tokens {
            if let Some(window) = self.encoded.windows.pop() {
                self.encoded.dropped_tokens += window.spans.iter().flatten().count();
            }
        }
    }
}
