//! Texts that two splits share: what a model has seen in training tells nothing in a test.

use std::collections::BTreeSet;

use mtnet_core::{Example, InputText};

/// How many examples of `b` have a text that `a` holds as well, after [`normalised`].
pub fn overlap(a: &[Example], b: &[Example]) -> usize {
    let seen: BTreeSet<String> = a.iter().map(|example| normalised(&example.text)).collect();
    b.iter()
        .filter(|example| seen.contains(&normalised(&example.text)))
        .count()
}

/// A text in lower case with single blanks between its words; both texts of a pair.
pub fn normalised(text: &InputText) -> String {
    let mut parts = vec![text.first().text()];
    parts.extend(text.second().map(|second| second.text()));
    let parts: Vec<String> = parts
        .into_iter()
        .map(|part| {
            let words: Vec<&str> = part.split_whitespace().collect();
            words.join(" ").to_lowercase()
        })
        .collect();
    parts.join("\t")
}

#[cfg(test)]
mod tests {
    use mtnet_core::Segment;

    use super::*;

    fn example(text: InputText) -> Example {
        Example {
            text,
            targets: Default::default(),
            line: 1,
        }
    }

    #[test]
    fn case_and_blanks_do_not_hide_a_text_and_pairs_count_as_wholes() {
        let single = |text: &str| example(InputText::Single(Segment::from_text(text)));
        let pair = |a: &str, b: &str| {
            example(InputText::Pair(
                Segment::from_text(a),
                Segment::from_text(b),
            ))
        };
        let train = [single("Play  it again"), single("STRASSE"), pair("a", "b")];
        let test = [
            single("play it again\n"),
            single("play it"),
            pair("a", "c"),
            pair("A", "b"),
            single("a b"),
        ];
        assert_eq!(overlap(&train, &test), 2);
    }
}
