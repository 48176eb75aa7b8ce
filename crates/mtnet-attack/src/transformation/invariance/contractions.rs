//! `do not` to `don't` and `don't` to `do not`.

use crate::AttackedText;
use crate::transformation::synonyms::in_case_of;

/// Two words and what they are drawn together to. What could stand for two (`'d`) is left out.
#[rustfmt::skip]
const PAIRS: &[(&str, &str, &str)] = &[
    ("are", "not", "aren't"), ("can", "not", "can't"), ("could", "not", "couldn't"),
    ("did", "not", "didn't"), ("do", "not", "don't"), ("does", "not", "doesn't"),
    ("had", "not", "hadn't"), ("has", "not", "hasn't"), ("have", "not", "haven't"),
    ("is", "not", "isn't"), ("must", "not", "mustn't"), ("should", "not", "shouldn't"),
    ("was", "not", "wasn't"), ("were", "not", "weren't"), ("will", "not", "won't"),
    ("would", "not", "wouldn't"), ("i", "am", "i'm"), ("you", "are", "you're"),
    ("we", "are", "we're"), ("they", "are", "they're"), ("i", "have", "i've"),
    ("you", "have", "you've"), ("we", "have", "we've"), ("they", "have", "they've"),
    ("i", "will", "i'll"), ("you", "will", "you'll"), ("he", "will", "he'll"),
    ("she", "will", "she'll"), ("we", "will", "we'll"), ("they", "will", "they'll"),
    ("it", "is", "it's"), ("that", "is", "that's"), ("there", "is", "there's"),
    ("what", "is", "what's"), ("who", "is", "who's"), ("he", "is", "he's"), ("she", "is", "she's"),
];

/// The change that begins at a word, if there is one.
pub(super) fn changes(text: &AttackedText, index: usize) -> Vec<AttackedText> {
    let Some(word) = text.word(index) else {
        return Vec::new();
    };
    let lower = word.to_lowercase().replace('\u{2019}', "'");
    if let Some((first, second, _)) = PAIRS.iter().find(|(_, _, drawn)| *drawn == lower) {
        return vec![text.replace(index, &format!("{} {second}", in_case_of(word, first)))];
    }
    let Some(next) = text.present().find(|&other| other > index) else {
        return Vec::new();
    };
    let following = text.word(next).unwrap_or_default().to_lowercase();
    let drawn = PAIRS
        .iter()
        .find(|(first, second, _)| *first == lower && *second == following);
    drawn
        .map(|(_, _, drawn)| text.replace(index, &in_case_of(word, drawn)).delete(next))
        .into_iter()
        .collect()
}

#[cfg(test)]
mod tests {
    use mtnet_core::{InputText, Segment};

    use super::*;

    #[test]
    fn contractions_open_and_close() {
        for (text, index, expected) in [
            ("I do not know.", 1, Some("I don't know.")),
            ("Don’t go.", 0, Some("Do not go.")),
            ("It is fine", 0, Some("It's fine")),
            ("I'm sure", 0, Some("I am sure")),
            ("We do know not", 1, None),
            ("do", 0, None),
        ] {
            let text = AttackedText::new(&InputText::Single(Segment::from_text(text)));
            let changed: Vec<String> = changes(&text, index)
                .iter()
                .map(AttackedText::text)
                .collect();
            assert_eq!(changed, expected.into_iter().collect::<Vec<_>>());
        }
    }
}
