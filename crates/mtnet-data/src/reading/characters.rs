//! Words of CJK characters, character by character.
//!
//! Chinese and Japanese tagging is often learned on characters, so that no word segmenter is
//! needed to use the model. Han ideographs and kana are split; digits, Latin and Hangul words are
//! not. Marks that combine with the character before them stay with it.

use std::ops::Range;

use mtnet_core::Segment;

/// The segment with its CJK words split, and into how many each went.
pub(super) fn split_characters(segment: &Segment) -> (Segment, Vec<usize>) {
    let text = segment.text();
    let mut words = Vec::new();
    let mut counts = Vec::new();
    for range in segment.words().unwrap_or_default() {
        let before = words.len();
        let word = &text[range.clone()];
        if word.chars().all(|c| is_cjk(c) || is_mark(c)) && word.starts_with(is_cjk) {
            words.extend(
                characters(word).map(|part| range.start + part.start..range.start + part.end),
            );
        } else {
            words.push(range.clone());
        }
        counts.push(words.len() - before);
    }
    let segment = Segment::with_words(text, words).expect("parts of rising words rise");
    (segment, counts)
}

fn characters(word: &str) -> impl Iterator<Item = Range<usize>> {
    let starts: Vec<usize> = word
        .char_indices()
        .filter(|&(_, c)| !is_mark(c))
        .map(|(at, _)| at)
        .collect();
    let ends: Vec<usize> = starts[1..].iter().copied().chain([word.len()]).collect();
    starts.into_iter().zip(ends).map(|(start, end)| start..end)
}

/// Han ideographs, hiragana, katakana and their iteration and length marks.
fn is_cjk(c: char) -> bool {
    matches!(c,
        '\u{3005}'..='\u{3007}'
        | '\u{3031}'..='\u{3035}'
        | '\u{3041}'..='\u{3096}'
        | '\u{309D}'..='\u{309F}'
        | '\u{30A1}'..='\u{30FA}'
        | '\u{30FC}'..='\u{30FF}'
        | '\u{31F0}'..='\u{31FF}'
        | '\u{3400}'..='\u{4DBF}'
        | '\u{4E00}'..='\u{9FFF}'
        | '\u{F900}'..='\u{FAFF}'
        | '\u{FF66}'..='\u{FF9D}'
        | '\u{1B000}'..='\u{1B16F}'
        | '\u{20000}'..='\u{323AF}')
}

/// Variation selectors, and voicing marks of kana (also in their half width).
fn is_mark(c: char) -> bool {
    matches!(c,
        '\u{3099}' | '\u{309A}' | '\u{FF9E}' | '\u{FF9F}'
        | '\u{FE00}'..='\u{FE0F}'
        | '\u{E0100}'..='\u{E01EF}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_words_of_cjk_characters_are_split() {
        let segment = Segment::from_words(
            &[
                "施力",
                "iPhone手机",
                "2020",
                "か\u{3099}き",
                "，",
                "한국",
                "葛\u{E0100}城",
            ],
            "",
        );
        let (split, counts) = split_characters(&segment);
        assert_eq!(counts, [2, 1, 1, 2, 1, 1, 2]);
        let words: Vec<&str> = split
            .words()
            .unwrap()
            .iter()
            .map(|range| &split.text()[range.clone()])
            .collect();
        assert_eq!(
            words,
            [
                "施",
                "力",
                "iPhone手机",
                "2020",
                "か\u{3099}",
                "き",
                "，",
                "한국",
                "葛\u{E0100}",
                "城"
            ]
        );
    }
}
