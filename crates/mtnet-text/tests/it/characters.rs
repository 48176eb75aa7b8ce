//! Changes of characters, as an attack and as the noise of a training run would draw them.

use mtnet_core::RandomStream;
use mtnet_text::characters::{CharacterEdit, Ends};
use proptest::prelude::*;

/// How many characters of each word are left without those that both begin and end with.
fn different_parts(a: &str, b: &str) -> (usize, usize) {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let start = a.iter().zip(&b).take_while(|(x, y)| x == y).count();
    let (a, b) = (&a[start..], &b[start..]);
    let same = a.iter().rev().zip(b.iter().rev());
    let end = same.take_while(|(x, y)| x == y).count();
    (a.len() - end, b.len() - end)
}

/// Every change of a word over many draws.
fn draws(edit: CharacterEdit, word: &str, ends: Ends) -> Vec<String> {
    let stream = RandomStream::new(9).child(word);
    (0..60)
        .filter_map(|index| edit.apply(word, ends, &mut stream.at(index)))
        .collect()
}

#[test]
fn each_change_is_of_its_kind() {
    for (edit, edits, length) in [
        (CharacterEdit::Swap, 2, 0),
        (CharacterEdit::Substitute, 1, 0),
        (CharacterEdit::Delete, 1, -1),
        (CharacterEdit::Insert, 1, 1),
        (CharacterEdit::InsertSpace, 1, 1),
        (CharacterEdit::Homoglyph, 1, 0),
        (CharacterEdit::Keyboard, 1, 0),
        (CharacterEdit::FlipCase, 1, 0),
        (CharacterEdit::ZeroWidth, 1, 1),
    ] {
        let word = "wonderful";
        let found = draws(edit, word, Ends::default());
        assert!(found.len() > 40, "{edit:?}");
        for changed in found {
            let middle = different_parts(word, &changed);
            assert_eq!(middle.0.max(middle.1), edits, "{edit:?} {changed}");
            let longer = changed.chars().count() as i64 - word.chars().count() as i64;
            assert_eq!(longer, length, "{edit:?} {changed}");
        }
    }
    assert_eq!(
        draws(CharacterEdit::UpperCase, "ab", Ends::default())[0],
        "AB"
    );
}

#[test]
fn look_alikes_and_the_invisible_come_back_when_they_are_taken_out() {
    for changed in draws(CharacterEdit::ZeroWidth, "naïve", Ends::default()) {
        let seen: String = changed
            .chars()
            .filter(|letter| !('\u{200b}'..='\u{200d}').contains(letter))
            .collect();
        assert_eq!(seen, "naïve");
    }
    for changed in draws(CharacterEdit::FlipCase, "Film", Ends::default()) {
        assert_eq!(changed.to_lowercase(), "film");
    }
}

#[test]
fn every_place_is_drawn() {
    let mut places = [0; 5];
    for changed in draws(CharacterEdit::Delete, "abcde", Ends::default()) {
        let gone = ('a'..='e')
            .position(|letter| !changed.contains(letter))
            .unwrap();
        places[gone] += 1;
    }
    assert!(places.iter().all(|&count| count > 2), "{places:?}");
}

#[test]
fn words_of_one_character_and_words_with_nothing_to_change_are_left_alone() {
    for edit in CharacterEdit::ALL {
        for word in ["", "a", "é", "我"] {
            assert!(
                draws(edit, word, Ends::default()).is_empty(),
                "{edit:?} {word}"
            );
        }
    }
    for (edit, word) in [
        (CharacterEdit::Swap, "aaaa"),
        (CharacterEdit::Keyboard, "1999"),
        (CharacterEdit::Homoglyph, "我们"),
        (CharacterEdit::UpperCase, "AB"),
        (CharacterEdit::FlipCase, "12"),
    ] {
        assert!(
            draws(edit, word, Ends::default()).is_empty(),
            "{edit:?} {word}"
        );
    }
    // Nothing lies between the ends.
    for edit in [
        CharacterEdit::Delete,
        CharacterEdit::Substitute,
        CharacterEdit::Swap,
    ] {
        assert!(draws(edit, "ab", Ends::KEPT).is_empty());
    }
}

proptest! {
    #[test]
    fn changes_differ_repeat_and_keep_the_ends(word in "\\PC{0,12}", seed in any::<u64>()) {
        for edit in CharacterEdit::ALL {
            let draw = |ends| edit.apply(&word, ends, &mut RandomStream::new(seed));
            prop_assert_eq!(draw(Ends::default()), draw(Ends::default()));
            if let Some(changed) = draw(Ends::default()) {
                prop_assert_ne!(&changed, &word);
            }
            if let (Some(changed), true) = (draw(Ends::KEPT), edit != CharacterEdit::UpperCase) {
                prop_assert_eq!(changed.chars().next(), word.chars().next());
                prop_assert_eq!(changed.chars().last(), word.chars().last());
            }
        }
    }
}
