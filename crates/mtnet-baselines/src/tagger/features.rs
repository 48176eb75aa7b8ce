//! The usual features of a word in a sentence: itself, its parts and shape, and its neighbours
//! (Ratnaparkhi 1996, *A maximum entropy model for part-of-speech tagging*, table 1; Zhang and
//! Johnson 2003, §3, for names).

use std::fmt::Write as _;

/// Hands each feature of each word to `take`, with the number of the word. A feature is one
/// string, which stands until the next one.
pub(super) fn features(words: &[&str], mut take: impl FnMut(usize, &str)) {
    let lower: Vec<String> = words.iter().map(|word| word.to_lowercase()).collect();
    let shapes: Vec<String> = words.iter().map(|word| shape(word)).collect();
    let at = |list: &[String], place: usize, offset: isize| -> String {
        place
            .checked_add_signed(offset)
            .and_then(|place| list.get(place).cloned())
            .unwrap_or_else(|| "<>".to_owned())
    };
    let mut feature = String::new();
    for (place, word) in words.iter().enumerate() {
        let mut add = |parts: std::fmt::Arguments<'_>| {
            feature.clear();
            // Writing to a string cannot fail.
            let _ = feature.write_fmt(parts);
            take(place, &feature);
        };
        add(format_args!("bias"));
        add(format_args!("w={word}"));
        for offset in -2..=2 {
            add(format_args!("{offset}={}", at(&lower, place, offset)));
        }
        for offset in -1..=1 {
            add(format_args!("{offset}s={}", at(&shapes, place, offset)));
        }
        for (first, second) in [(-2, -1), (-1, 0), (0, 1), (1, 2)] {
            let pair = (at(&lower, place, first), at(&lower, place, second));
            add(format_args!("{first}+={} {}", pair.0, pair.1));
        }
        let borders: Vec<usize> = lower[place].char_indices().map(|(at, _)| at).collect();
        for length in 1..=4.min(borders.len()) {
            let end = borders.get(length).copied().unwrap_or(lower[place].len());
            add(format_args!("p={}", &lower[place][..end]));
            add(format_args!(
                "e={}",
                &lower[place][borders[borders.len() - length]..]
            ));
        }
    }
}

/// Capitals, small letters, digits and the rest, runs made short: `McDonald's` is `XxXx'x`.
fn shape(word: &str) -> String {
    let mut shape = String::new();
    let mut last = None;
    for character in word.chars() {
        let kind = match character {
            c if c.is_uppercase() => 'X',
            c if c.is_lowercase() => 'x',
            c if c.is_numeric() => '0',
            c if c.is_alphabetic() => 'c',
            c => c,
        };
        if last != Some(kind) {
            shape.push(kind);
            last = Some(kind);
        }
    }
    shape
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shapes_are_short() {
        assert_eq!(
            ["McDonald's", "24-hour", "北京"].map(shape),
            ["XxXx'x", "0-x", "c"]
        );
    }

    #[test]
    fn a_word_knows_itself_and_its_neighbours() {
        let mut found = Vec::new();
        features(&["In", "Oslo"], |word, feature| {
            found.push((word, feature.to_owned()))
        });
        for expected in [
            "w=Oslo",
            "-1=in",
            "1=<>",
            "0s=Xx",
            "-1+=in oslo",
            "p=os",
            "e=slo",
        ] {
            assert!(
                found.contains(&(1, expected.to_owned())),
                "{expected} of {found:?}"
            );
        }
    }
}
