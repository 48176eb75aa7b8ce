//! A character that shows nothing between two others: `film` to `fi<U+200B>lm`.
//!
//! Boucher et al. 2022, "Bad Characters" (<https://arxiv.org/abs/2106.09898>), §IV-A: zero-width
//! space, non-joiner and joiner. A tokenizer that drops them sees nothing.

use mtnet_core::RandomStream;

use super::edit::choose;
use super::insert;

const INVISIBLE: [char; 3] = ['\u{200b}', '\u{200c}', '\u{200d}'];

pub(super) fn apply(word: &[char], stream: &mut RandomStream) -> Option<String> {
    let mark = choose(&INVISIBLE, stream)?;
    insert::between(word, mark, stream)
}
