//! Two neighbouring characters change places: `film` to `flim`.

use mtnet_core::RandomStream;

use super::Ends;
use super::edit::choose;

pub(super) fn apply(word: &[char], ends: Ends, stream: &mut RandomStream) -> Option<String> {
    let inner = ends.inner(word.len());
    // Two that are the same make no misspelling.
    let places: Vec<usize> = (inner.start..inner.end.saturating_sub(1))
        .filter(|&place| word[place] != word[place + 1])
        .collect();
    let place = choose(&places, stream)?;
    let mut word = word.to_vec();
    word.swap(place, place + 1);
    Some(word.into_iter().collect())
}
