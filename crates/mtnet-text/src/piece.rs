//! A token of a text before special tokens are added.

use crate::TokenSpan;

/// A token and its place.
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
