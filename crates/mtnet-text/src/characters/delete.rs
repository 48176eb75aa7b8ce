//! A character is lost: `film` to `flm`.

use mtnet_core::RandomStream;

use super::Ends;
use super::edit::choose;

pub(super) fn apply(word: &[char], ends: Ends, stream: &mut RandomStream) -> Option<String> {
    let places: Vec<usize> = ends.inner(word.len()).collect();
    let place = choose(&places, stream)?;
    let mut word = word.to_vec();
    word.remove(place);
    Some(word.into_iter().collect())
}
