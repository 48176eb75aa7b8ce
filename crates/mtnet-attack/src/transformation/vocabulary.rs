//! The pieces of a tokenizer that can be written into a text.
//!
//! Three notations say whether a piece begins a word: WordPiece marks those that do not with `##`,
//! SentencePiece and byte-level BPE those that do with `▁` and `Ġ`.

use mtnet_text::TextTokenizer;

/// What each id stands for in a text; `None` for special tokens, punctuation and digits.
#[derive(Debug)]
pub(super) struct Vocabulary {
    pieces: Vec<Option<Piece>>,
}

/// A piece of a word.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Piece {
    /// Its letters.
    pub(super) text: String,
    /// Whether it begins a word.
    pub(super) begins: bool,
}

impl Vocabulary {
    pub(super) fn new(tokenizer: &TextTokenizer) -> Self {
        let tokens: Vec<String> = (0..tokenizer.vocab_size() as u32)
            .map(|id| tokenizer.token(id).unwrap_or_default())
            .collect();
        let marks_beginnings = tokens
            .iter()
            .any(|token| token.chars().count() > 1 && token.starts_with(['▁', 'Ġ']));
        let piece = |token: &String| piece(token, marks_beginnings);
        Self {
            pieces: tokens.iter().map(piece).collect(),
        }
    }

    pub(super) fn piece(&self, id: u32) -> Option<&Piece> {
        self.pieces.get(id as usize)?.as_ref()
    }
}

fn piece(token: &str, marks_beginnings: bool) -> Option<Piece> {
    let (text, begins) = match marks_beginnings {
        true => match token.strip_prefix(['▁', 'Ġ']) {
            Some(text) => (text, true),
            None => (token, false),
        },
        false => match token.strip_prefix("##") {
            Some(text) => (text, false),
            None => (token, true),
        },
    };
    // A single letter is a word of its own in no language written with spaces that is not short.
    let written = !text.is_empty()
        && text.chars().all(char::is_alphabetic)
        && (!begins || text.chars().count() > 1);
    written.then(|| Piece {
        text: text.to_owned(),
        begins,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_of_each_notation_are_read() {
        let written = |token, marks| piece(token, marks).map(|piece| (piece.text, piece.begins));
        assert_eq!(written("film", false), Some(("film".to_owned(), true)));
        assert_eq!(written("##ing", false), Some(("ing".to_owned(), false)));
        assert_eq!(written("▁film", true), Some(("film".to_owned(), true)));
        assert_eq!(written("Ġfilm", true), Some(("film".to_owned(), true)));
        assert_eq!(written("ing", true), Some(("ing".to_owned(), false)));
        for (token, marks) in [
            ("[CLS]", false),
            ("<s>", true),
            ("1999", false),
            ("a", false),
            ("▁", true),
            (".", false),
        ] {
            assert_eq!(written(token, marks), None, "{token}");
        }
    }
}
