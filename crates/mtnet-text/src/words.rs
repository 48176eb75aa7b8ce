//! Words of raw text, for tagging text that nobody has split.

use std::ops::Range;

use unicode_segmentation::UnicodeSegmentation;

/// Byte ranges of the words of a text.
///
/// Words are those of Unicode (UAX #29, <https://www.unicode.org/reports/tr29/>, §4); each Chinese
/// character and each kana is a word, each punctuation mark and each emoji cluster too, and each
/// cluster of a script such as Thai, whose words only a dictionary finds. Blanks, control
/// characters and invisible marks by themselves are none.
pub fn split_words(text: &str) -> Vec<Range<usize>> {
    let mut words = Vec::new();
    for (start, word) in text.split_word_bound_indices() {
        if word.chars().all(is_invisible) {
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

/// Whether a character alone shows nothing: blanks, control characters, the soft hyphen, zero-width
/// and direction marks, and the byte order mark.
fn is_invisible(c: char) -> bool {
    c.is_whitespace()
        || c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

/// Whether a character belongs to a script that is written without blanks, a character a word.
fn is_ideographic(c: char) -> bool {
    matches!(c,
        '\u{3005}'..='\u{3007}' | '\u{3040}'..='\u{30ff}' | '\u{31f0}'..='\u{31ff}'
        | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{f900}'..='\u{faff}'
        | '\u{ff66}'..='\u{ff9f}' | '\u{20000}'..='\u{2fa1f}' | '\u{30000}'..='\u{323af}')
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
        assert_eq!(words("人々ﾀﾜｰ"), ["人", "々", "ﾀ", "ﾜ", "ｰ"]);
        assert_eq!(words("กิน"), ["กิ", "น"]);
        assert_eq!(words("İstanbul'da"), ["İstanbul'da"]);
        assert!(words(" \t\n").is_empty());
    }

    #[test]
    fn marks_that_show_nothing_are_no_words() {
        assert_eq!(words("\u{feff}ab \u{200b} \u{200f}!"), ["ab", "!"]);
        assert!(words("\u{200e}\u{2067}").is_empty());
    }
}
