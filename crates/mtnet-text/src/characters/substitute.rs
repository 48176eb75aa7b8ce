//! A random letter in the place of a character: `film` to `fixm`.

use mtnet_core::RandomStream;

use super::Ends;
use super::edit::choose;
use super::letters::letter_like;

pub(super) fn apply(word: &[char], ends: Ends, stream: &mut RandomStream) -> Option<String> {
    let places: Vec<usize> = ends.inner(word.len()).collect();
    let place = choose(&places, stream)?;
    let mut word = word.to_vec();
    word[place] = letter_like(word[place], stream);
    Some(word.into_iter().collect())
}
