//! A character that looks the same: `film` to `fіlm` with a Cyrillic `і`.
//!
//! The pairs are of the confusables of Unicode Technical Standard 39
//! (<https://www.unicode.org/reports/tr39/>), one Cyrillic or Greek letter a Latin one, and the
//! digits that stand for letters in TextBugger (Li et al. 2019, §III-B).

use mtnet_core::RandomStream;

use super::Ends;
use super::edit::choose;

#[rustfmt::skip]
const PAIRS: &[(char, char)] = &[
    ('a', '\u{430}'), ('c', '\u{441}'), ('d', '\u{501}'), ('e', '\u{435}'), ('h', '\u{4bb}'),
    ('i', '\u{456}'), ('j', '\u{458}'), ('l', '1'), ('n', '\u{578}'), ('o', '0'),
    ('p', '\u{440}'), ('q', '\u{51b}'), ('r', '\u{433}'), ('s', '\u{455}'), ('u', '\u{57d}'),
    ('v', '\u{3bd}'), ('w', '\u{51d}'), ('x', '\u{445}'), ('y', '\u{443}'),
    ('A', '\u{410}'), ('B', '\u{412}'), ('C', '\u{421}'), ('E', '\u{415}'), ('H', '\u{41d}'),
    ('I', '\u{406}'), ('J', '\u{408}'), ('K', '\u{41a}'), ('M', '\u{41c}'), ('N', '\u{39d}'),
    ('O', '0'), ('P', '\u{420}'), ('S', '\u{405}'), ('T', '\u{422}'), ('X', '\u{425}'),
    ('Y', '\u{3a5}'), ('Z', '\u{396}'),
];

pub(super) fn apply(word: &[char], ends: Ends, stream: &mut RandomStream) -> Option<String> {
    let places: Vec<usize> = ends
        .inner(word.len())
        .filter(|&place| look_alike(word[place]).is_some())
        .collect();
    let place = choose(&places, stream)?;
    let mut word = word.to_vec();
    word[place] = look_alike(word[place])?;
    Some(word.into_iter().collect())
}

fn look_alike(letter: char) -> Option<char> {
    PAIRS
        .iter()
        .find(|(known, _)| *known == letter)
        .map(|&(_, other)| other)
}
