//! A character too many: a random letter, `film` to `fiilm`, or a blank, `film` to `fi lm`.

use mtnet_core::RandomStream;

use super::Ends;
use super::edit::choose;
use super::letters::letter_like;

/// A random letter before one of the characters that may change.
pub(super) fn letter(word: &[char], ends: Ends, stream: &mut RandomStream) -> Option<String> {
    let places: Vec<usize> = ends.inner(word.len()).collect();
    let place = choose(&places, stream)?;
    let mut word = word.to_vec();
    word.insert(place, letter_like(word[place], stream));
    Some(word.into_iter().collect())
}

/// `inserted` between two characters, never at an end of the word.
pub(super) fn between(word: &[char], inserted: char, stream: &mut RandomStream) -> Option<String> {
    let places: Vec<usize> = (1..word.len()).collect();
    let place = choose(&places, stream)?;
    let mut word = word.to_vec();
    word.insert(place, inserted);
    Some(word.into_iter().collect())
}
