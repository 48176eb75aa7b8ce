//! From the pieces of a text to windows that a model can read.

use std::ops::Range;

use mtnet_core::Segment;
use serde::{Deserialize, Serialize};

use crate::TextError;
use crate::alignment::first_pieces;
use crate::template::{Frame, Template};

/// How texts are encoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EncodeOptions {
    /// Tokens of a window at most, special ones included.
    pub max_length: usize,
    /// Whether a single text with words is split into windows instead of being cut.
    pub windows: bool,
}

/// A text as a model reads it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct EncodedText {
    /// Its windows, at least one. Every word lies in exactly one of them.
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
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Window {
    /// Token ids `(tokens)`.
    pub input_ids: Vec<u32>,
    /// Segment of each token `(tokens)`.
    pub type_ids: Vec<u32>,
    /// Place of each token in its text `(tokens)`; `None` for special tokens.
    pub spans: Vec<Option<TokenSpan>>,
    /// Words of the text that lie before this window.
    pub first_word: usize,
    /// Index in this window of the token that stands for each of its words `(words)`.
    pub word_tokens: Vec<u32>,
}

/// Where a token lies: bytes of the first (0) or second (1) text, without blanks at the ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TokenSpan {
    /// 0 for the first text, 1 for the second of a pair.
    pub segment: u8,
    /// First byte.
    pub start: u32,
    /// Byte behind the last.
    pub end: u32,
}

/// A token of a text before special tokens are added.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Piece {
    pub id: u32,
    pub span: TokenSpan,
}

impl Piece {
    pub fn start(&self) -> usize {
        self.span.start as usize
    }

    pub fn end(&self) -> usize {
        self.span.end as usize
    }

    /// Whether it stands for no character, like the `▁` that some tokenizers put before a text.
    pub fn is_blank(&self) -> bool {
        self.span.start == self.span.end
    }
}

/// Puts pieces into frames, windowing or cutting what is too long.
pub(crate) fn assemble(
    template: &Template,
    text: &Segment,
    mut first: Vec<Piece>,
    second: Option<Vec<Piece>>,
    options: &EncodeOptions,
) -> Result<EncodedText, TextError> {
    let frame = if second.is_some() {
        &template.pair
    } else {
        &template.single
    };
    let texts = if second.is_some() { 2 } else { 1 };
    let least = frame.special() + texts;
    if options.max_length < least {
        return Err(TextError::MaxLength {
            found: options.max_length,
            least,
            special: frame.special(),
        });
    }
    let room = options.max_length - frame.special();
    let words = text.words().unwrap_or_default();

    if let Some(mut second) = second {
        let whole = first.len() + second.len();
        cut_pair(&mut first, &mut second, room);
        let dropped_tokens = whole - first.len() - second.len();
        let window = window(frame, &first, Some(&second), words, 0);
        return Ok(EncodedText {
            windows: vec![window],
            dropped_tokens,
        });
    }
    if first.len() <= room || words.is_empty() || !options.windows {
        let dropped_tokens = first.len().saturating_sub(room);
        first.truncate(room);
        let window = window(frame, &first, None, words, 0);
        return Ok(EncodedText {
            windows: vec![window],
            dropped_tokens,
        });
    }
    Ok(windows(frame, &first, words, room))
}

/// Shortens the longer of two texts, the second of equals, until both fit into `room`.
fn cut_pair(first: &mut Vec<Piece>, second: &mut Vec<Piece>, room: usize) {
    while first.len() + second.len() > room {
        if first.len() > second.len() {
            first.pop()
        } else {
            second.pop()
        };
    }
}

/// Splits a text at word borders into windows of at most `room` pieces. The pieces of a word
/// are those from its first to the next word's; a single word with more than `room` is cut.
fn windows(frame: &Frame, pieces: &[Piece], words: &[Range<usize>], room: usize) -> EncodedText {
    let heads = first_pieces(words, pieces);
    let begins = |word: usize| match word {
        0 => 0,
        _ if word == words.len() => pieces.len(),
        _ => heads[word].max(heads[word - 1]),
    };
    let mut encoded = EncodedText::default();
    let mut word = 0;
    while word < words.len() {
        let start = begins(word);
        let mut next = word + 1;
        while next < words.len() && begins(next + 1) - start <= room {
            next += 1;
        }
        // A word may share its piece with the one before it; it then needs that piece here too.
        let start = start.min(heads[word]);
        let end = begins(next).max(start + 1).min(pieces.len());
        let kept = end.min(start + room);
        encoded.dropped_tokens += end - kept;
        let mut part = window(frame, &pieces[start..kept], None, &words[word..next], word);
        part.first_word = word;
        encoded.windows.push(part);
        word = next;
    }
    encoded
}

fn window(
    frame: &Frame,
    first: &[Piece],
    second: Option<&[Piece]>,
    words: &[Range<usize>],
    first_word: usize,
) -> Window {
    let mut window = Window {
        first_word,
        ..Window::default()
    };
    window.special(&frame.before);
    let offset = window.input_ids.len();
    window.pieces(first, frame.first);
    if let Some(second) = second {
        window.special(&frame.between);
        window.pieces(second, frame.second);
    }
    window.special(&frame.after);
    let last = window.input_ids.len().saturating_sub(1);
    window.word_tokens = match first {
        // Without a piece every word is read from the first token there is.
        [] => vec![0; words.len()],
        _ => first_pieces(words, first)
            .into_iter()
            .map(|at| (offset + at).min(last) as u32)
            .collect(),
    };
    window
}

impl Window {
    fn special(&mut self, tokens: &[(u32, u32)]) {
        for &(id, type_id) in tokens {
            self.input_ids.push(id);
            self.type_ids.push(type_id);
            self.spans.push(None);
        }
    }

    fn pieces(&mut self, pieces: &[Piece], type_id: u32) {
        for piece in pieces {
            self.input_ids.push(piece.id);
            self.type_ids.push(type_id);
            self.spans.push(Some(piece.span));
        }
    }
}
