//! Which token stands for each word.

use std::ops::Range;

use crate::piece::Piece;

/// For each word, the index of the piece that stands for it: the first that begins inside the
/// word; else the first that overlaps it (pieces of some vocabularies cross word borders); else,
/// for a word that gave no piece at all, the nearest piece before it, or the first.
///
/// The indices never fall. They are pieces, or all 0 where there is no piece.
pub(crate) fn first_pieces(words: &[Range<usize>], pieces: &[Piece]) -> Vec<usize> {
    let (mut at, mut floor) = (0, 0);
    words
        .iter()
        .map(|word| {
            while at < pieces.len() && pieces[at].end() <= word.start {
                at += 1;
            }
            let mut touching = (at..pieces.len())
                .take_while(|&piece| pieces[piece].start() < word.end)
                .filter(|&piece| !pieces[piece].is_blank());
            let overlapping = touching.clone().next();
            let inside = touching.find(|&piece| pieces[piece].start() >= word.start);
            floor = inside
                .or(overlapping)
                .unwrap_or(at.saturating_sub(1))
                .max(floor);
            floor
        })
        .collect()
}
