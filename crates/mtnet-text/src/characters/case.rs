//! Letters in the other case: `film` to `fiLm` or `FILM`. A tokenizer that lowers case sees nothing.

use mtnet_core::RandomStream;

use super::Ends;
use super::edit::choose;

/// One letter in the other case.
pub(super) fn flip(word: &[char], ends: Ends, stream: &mut RandomStream) -> Option<String> {
    let places: Vec<usize> = ends
        .inner(word.len())
        .filter(|&place| other_case(word[place]).is_some())
        .collect();
    let place = choose(&places, stream)?;
    let other = other_case(word[place])?;
    Some(
        word[..place]
            .iter()
            .copied()
            .chain(other.chars())
            .chain(word[place + 1..].iter().copied())
            .collect(),
    )
}

/// All letters in upper case.
pub(super) fn upper(word: &str) -> String {
    word.to_uppercase()
}

fn other_case(letter: char) -> Option<String> {
    let other: String = match letter.is_uppercase() {
        true => letter.to_lowercase().collect(),
        false => letter.to_uppercase().collect(),
    };
    (other != letter.to_string()).then_some(other)
}
