//! Which token stands for each word.

use std::ops::Range;

use crate::encode::Piece;

/// For each word, the index of the piece that stands for it: the first that begins inside the
/// word; else the first that overlaps it (pieces of some vocabularies cross word borders); else,
/// for a word that gave no piece at all, the nearest piece before it, or the first.
///
/// `pieces` must hold at least one piece unless there are no words.
pub(crate) fn first_pieces(words: &[Range<usize>], pieces: &[Piece]) -> Vec<usize> {
    let mut at = 0;
    words
        .iter()
        .map(|word| {
            while at < pieces.len() && pieces[at].end() <= word.start {
                at += 1;
            }
            let inside = pieces[at..]
                .iter()
                .take_while(|piece| piece.start() < word.end)
                .position(|piece| piece.start() >= word.start && !piece.is_blank());
            let overlapping = pieces
                .get(at)
                .is_some_and(|piece| piece.start() < word.end && !piece.is_blank());
            match inside {
                Some(offset) => at + offset,
                None if overlapping => at,
                None => at.saturating_sub(1),
            }
        })
        .collect()
}
