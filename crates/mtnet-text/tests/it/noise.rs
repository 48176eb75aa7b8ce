//! Texts with slips in their words.

use mtnet_core::{InputText, RandomStream, Segment};
use mtnet_text::characters::{CharacterEdit, CharacterNoise};

const EDITS: [CharacterEdit; 4] = [
    CharacterEdit::Swap,
    CharacterEdit::Delete,
    CharacterEdit::Insert,
    CharacterEdit::Keyboard,
];

fn stream(seed: u64) -> RandomStream {
    RandomStream::new(seed).child("noise")
}

#[test]
fn words_keep_their_number_and_their_gaps() {
    let words = ["Fly", "me", "to", "北京", "naïvely", "1999", "!"];
    let text = InputText::Single(Segment::from_words(&words, " "));
    let noise = CharacterNoise::new(0.5, &EDITS);
    let mut changed = 0;
    for seed in 0..200 {
        let noisy = noise.apply(&text, stream(seed));
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
        assert_eq!(found[6], "!", "a word of one character");
    }
    // Half of the six words that can be changed, in 200 texts: 600, deviation 17.
    assert!((530..=670).contains(&changed), "{changed}");
}

#[test]
fn a_text_without_words_is_split_and_the_seed_decides() {
    let text = InputText::Pair(
        Segment::from_text("  a longer\ttext \n here."),
        Segment::from_text("and another"),
    );
    let noise = CharacterNoise::new(1.0, &EDITS);
    let first = noise.apply(&text, stream(1));
    assert_eq!(first, noise.apply(&text, stream(1)));
    assert_ne!(first, noise.apply(&text, stream(2)));
    assert!(first.first().words().is_none());
    let (text, second) = (first.first().text(), first.second().unwrap().text());
    assert!(
        text.starts_with("  a ") && text.contains(" \n ") && text.ends_with('.'),
        "{text:?}"
    );
    assert_eq!(second.split_whitespace().count(), 2, "{second}");
    assert_ne!(second, "and another");
}

#[test]
fn the_edits_are_those_that_were_asked_for() {
    let text = InputText::Single(Segment::from_text("wonderful films"));
    let noise = CharacterNoise::new(1.0, &[CharacterEdit::UpperCase]);
    assert_eq!(
        noise.apply(&text, stream(1)).first().text(),
        "WONDERFUL FILMS"
    );
    for noise in [
        CharacterNoise::new(1.0, &[]),
        CharacterNoise::new(0.0, &EDITS),
    ] {
        assert_eq!(noise.apply(&text, stream(1)), text);
    }
}
