//! Words of raw text, for tagging text that nobody has split.

use std::ops::Range;

use unicode_segmentation::UnicodeSegmentation;

/// Byte ranges of the words of a text.
///
/// Words are those of Unicode (UAX #29); each Chinese character and each kana is a word, each
/// punctuation mark and each emoji cluster too; blanks are none.
pub fn split_words(text: &str) -> Vec<Range<usize>> {
    let mut words = Vec::new();
    for (start, word) in text.split_word_bound_indices() {
        if word.chars().all(|c| c.is_whitespace() || c.is_control()) {
            continue;
        }
        if word.chars().any(is_ideographic) {
            words.extend(
                word.grapheme_indices(true)
                    .map(|(at, cluster)| start + at..start + at + cluster.len()),
            );
        } else {
            words.push(start..start + word.len());
        }
    }
    words
}

/// Whether a character belongs to a script that is written without blanks, a character a word.
fn is_ideographic(c: char) -> bool {
    matches!(c,
        '\u{3040}'..='\u{30ff}' | '\u{31f0}'..='\u{31ff}' | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}'
        | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{2fa1f}' | '\u{30000}'..='\u{323af}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<&str> {
        split_words(text)
            .into_iter()
            .map(|range| &text[range])
            .collect()
    }

    #[test]
    fn scripts_of_every_kind_are_split_into_slices() {
        assert_eq!(
            words("Don't book 3.5 tables, please!"),
            ["Don't", "book", "3.5", "tables", ",", "please", "!"]
        );
        assert_eq!(
            words("我爱北京，iPhone手机。"),
            ["我", "爱", "北", "京", "，", "iPhone", "手", "机", "。"]
        );
        assert_eq!(words("東京タワー"), ["東", "京", "タ", "ワ", "ー"]);
        assert_eq!(
            words("ok 👍🏽👨‍👩‍👧 ñandu\u{303}"),
            ["ok", "👍🏽", "👨‍👩‍👧", "ñandu\u{303}"]
        );
        assert_eq!(words("مرحبا بالعالم"), ["مرحبا", "بالعالم"]);
        assert!(words(" \t\n").is_empty());
    }
}
