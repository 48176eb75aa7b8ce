//! Slips of the keyboard in the words of a text.
//!
//! A word with a slip has two neighbouring characters swapped, one dropped, one inserted, or a
//! neighbour on a QWERTY keyboard in place of one: the four that Pruthi, Dhingra and Lipton 2019
//! ("Combating Adversarial Misspellings with Robust Word Recognition", §3.1) train and attack with,
//! here at any place of a word of two characters or more. Words stay words: where the data says
//! which they are, as for tagging, the text is built anew around them and labels stay in place.

use std::ops::Range;

use mtnet_core::{InputText, RandomStream, Segment};

/// Rows of a QWERTY keyboard; a key's neighbours are beside it and above and below.
const KEYS: [&str; 3] = ["qwertyuiop", "asdfghjkl", "zxcvbnm"];

/// A text in which each word has a slip with this probability.
pub(super) fn noisy(text: &InputText, probability: f64, stream: RandomStream) -> InputText {
    let segment = |segment: &Segment, name: &str| {
        let mut stream = stream.child(name);
        noisy_segment(segment, probability, &mut stream)
    };
    match text {
        InputText::Single(first) => InputText::Single(segment(first, "first")),
        InputText::Pair(first, second) => {
            InputText::Pair(segment(first, "first"), segment(second, "second"))
        }
    }
}

fn noisy_segment(segment: &Segment, probability: f64, stream: &mut RandomStream) -> Segment {
    let words = match segment.words() {
        Some(words) => words.to_vec(),
        None => between_blanks(segment.text()),
    };
    let mut text = String::with_capacity(segment.text().len());
    let mut ranges = Vec::with_capacity(words.len());
    let mut behind = 0;
    for word in words {
        text.push_str(&segment.text()[behind..word.start]);
        let start = text.len();
        let letters = &segment.text()[word.clone()];
        match stream.uniform_f64() < probability {
            true => text.push_str(&slip(letters, stream)),
            false => text.push_str(letters),
        }
        ranges.push(start..text.len());
        behind = word.end;
    }
    text.push_str(&segment.text()[behind..]);
    match segment.words() {
        // Ranges that were built as the text was: they fit.
        Some(_) => Segment::with_words(text, ranges).expect("words of the text just built"),
        None => Segment::from_text(text),
    }
}

fn between_blanks(text: &str) -> Vec<Range<usize>> {
    let start = |word: &str| word.as_ptr() as usize - text.as_ptr() as usize;
    let words = text.split_whitespace();
    words
        .map(|word| start(word)..start(word) + word.len())
        .collect()
}

/// The word with one slip in it; a word of one character stays.
fn slip(word: &str, stream: &mut RandomStream) -> String {
    let mut letters: Vec<char> = word.chars().collect();
    let count = letters.len() as u32;
    if count < 2 {
        return word.to_owned();
    }
    let at = stream.below(count) as usize;
    match stream.below(4) {
        0 => {
            let at = at.min(letters.len() - 2);
            letters.swap(at, at + 1);
        }
        1 => {
            letters.remove(at);
        }
        2 => {
            let more = neighbour(letters[at], stream);
            letters.insert(at, more);
        }
        _ => letters[at] = neighbour(letters[at], stream),
    }
    letters.into_iter().collect()
}

/// A key beside that of a letter; the character itself where it is not on the keyboard.
fn neighbour(letter: char, stream: &mut RandomStream) -> char {
    let small = letter.to_ascii_lowercase();
    let found = KEYS
        .iter()
        .enumerate()
        .find_map(|(row, keys)| Some((row, keys.find(small)?)));
    let Some((row, column)) = found else {
        return letter;
    };
    let mut near = Vec::new();
    for (other, keys) in KEYS.iter().enumerate() {
        let columns = column.saturating_sub(1)..=column + 1;
        let keys = keys.chars().enumerate();
        let keys = keys.filter(|(at, _)| row.abs_diff(other) <= 1 && columns.contains(at));
        near.extend(keys.map(|(_, key)| key).filter(|&key| key != small));
    }
    let key = near[stream.below(near.len() as u32) as usize];
    if letter.is_ascii_uppercase() {
        key.to_ascii_uppercase()
    } else {
        key
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stream(seed: u64) -> RandomStream {
        RandomStream::new(seed).child("noise")
    }

    #[test]
    fn words_keep_their_number_and_their_gaps() {
        let words = ["Fly", "me", "to", "北京", "naïvely", "!"];
        let text = InputText::Single(Segment::from_words(&words, " "));
        let mut changed = 0;
        for seed in 0..200 {
            let noisy = noisy(&text, 0.5, stream(seed));
            let ranges = noisy.first().words().unwrap();
            assert_eq!(ranges.len(), words.len());
            let found: Vec<&str> = ranges
                .iter()
                .map(|range| &noisy.first().text()[range.clone()])
                .collect();
            assert_eq!(noisy.first().text(), found.join(" "));
            for (found, word) in found.iter().zip(words) {
                let apart = found.chars().count().abs_diff(word.chars().count());
                assert!(apart <= 1 && !found.is_empty(), "{found} of {word}");
                changed += usize::from(*found != word);
            }
            assert_eq!(found[5], "!", "a word of one character");
        }
        // Half of five words, less swaps of equal letters and keys that are on no keyboard.
        assert!((350..=520).contains(&changed), "{changed}");
    }

    #[test]
    fn a_text_without_words_is_cut_at_blanks_and_the_seed_decides() {
        let text = InputText::Pair(
            Segment::from_text("  a longer\ttext \n here"),
            Segment::from_text("and another"),
        );
        let first = noisy(&text, 1.0, stream(1));
        assert_eq!(first, noisy(&text, 1.0, stream(1)));
        assert_ne!(first, noisy(&text, 1.0, stream(2)));
        assert!(first.first().words().is_none());
        let (text, second) = (first.first().text(), first.second().unwrap().text());
        assert!(
            text.starts_with("  a ") && text.contains(" \n "),
            "{text:?}"
        );
        assert_eq!(second.split_whitespace().count(), 2, "{second}");
    }

    #[test]
    fn neighbours_are_on_the_keyboard_beside_the_key() {
        let mut stream = stream(5);
        for (letter, keys) in [('a', "qwszx"), ('P', "OL"), ('m', "nhjk"), ('é', "é")] {
            for _ in 0..30 {
                let key = neighbour(letter, &mut stream);
                assert!(keys.contains(key), "{key} beside {letter}");
            }
        }
    }
}
