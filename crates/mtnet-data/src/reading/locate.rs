//! Where words lie in running text.
//!
//! Words are found one behind the other with nothing but white space between them. Where the text
//! does not hold them like that, they are joined into a text of their own.

use std::ops::Range;

use mtnet_core::Segment;

use crate::readers::Surface;

/// The segment of words whose running text may be known, and whether they were found in it.
/// Without a text, words are joined by `separator` where a space follows them.
pub(super) fn segment(
    surfaces: &[Surface],
    text: Option<&str>,
    separator: &str,
) -> (Segment, bool) {
    let forms: Vec<&str> = surfaces.iter().map(|piece| piece.form.as_str()).collect();
    let located = text.and_then(|text| find_in_order(text, &forms).map(|spans| (text, spans)));
    let found = located.is_some() || text.is_none();
    let (text, spans) = match located {
        Some((text, spans)) => (text.to_owned(), spans),
        None => joined(surfaces, separator),
    };
    let words = surfaces
        .iter()
        .zip(spans)
        .flat_map(|(surface, span)| words_of(surface, span, &text))
        .collect();
    let segment = Segment::with_words(text, words).expect("words are found in rising order");
    (segment, found)
}

fn joined(surfaces: &[Surface], separator: &str) -> (String, Vec<Range<usize>>) {
    let mut text = String::new();
    let mut spans = Vec::with_capacity(surfaces.len());
    let mut space = false;
    for surface in surfaces {
        if space {
            text.push_str(separator);
        }
        let start = text.len();
        text.push_str(&surface.form);
        spans.push(start..text.len());
        space = surface.space_after;
    }
    (text, spans)
}

/// The byte ranges of words that follow each other in a text.
fn find_in_order(text: &str, words: &[&str]) -> Option<Vec<Range<usize>>> {
    let mut position = 0;
    words
        .iter()
        .map(|word| {
            let gap = text[position..].find(|c: char| !c.is_whitespace())?;
            let start = position + gap;
            position = start + prefix_length(&text[start..], word)?;
            Some(start..position)
        })
        .collect()
}

/// Bytes of `text` that spell `word`, where any white space inside the word matches any other:
/// treebanks write `10 000` with a no-break space in one place and a plain one in another.
fn prefix_length(text: &str, word: &str) -> Option<usize> {
    if text.starts_with(word) {
        return Some(word.len());
    }
    let mut rest = text;
    for c in word.chars() {
        rest = if c.is_whitespace() {
            rest.trim_start()
        } else {
            rest.strip_prefix(c)?
        };
    }
    Some(text.len() - rest.len())
}

/// The ranges of the words in one piece of text. Words that the piece does not spell (`de le` in
/// `du`) share its characters out in order, so that ranges never overlap and an entity over all of
/// them is the whole piece.
fn words_of(surface: &Surface, span: Range<usize>, text: &str) -> Vec<Range<usize>> {
    if surface.words.len() == 1 {
        return vec![span];
    }
    let piece = &text[span.clone()];
    let forms: Vec<&str> = surface.words.iter().map(String::as_str).collect();
    let inside = find_in_order(piece, &forms)
        .filter(|ranges| ranges.last().is_some_and(|last| last.end == piece.len()));
    let ranges = inside.unwrap_or_else(|| {
        let borders: Vec<usize> = piece
            .char_indices()
            .map(|(at, _)| at)
            .chain([piece.len()])
            .collect();
        let border = |word: usize| borders[(word * (borders.len() - 1)).div_ceil(forms.len())];
        (0..forms.len())
            .map(|word| border(word)..border(word + 1))
            .collect()
    });
    ranges
        .into_iter()
        .map(|range| span.start + range.start..span.start + range.end)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(surfaces: &[Surface], text: Option<&str>, expected: &[&str], found: bool) {
        let (segment, was_found) = segment(surfaces, text, " ");
        let words: Vec<&str> = segment
            .words()
            .unwrap()
            .iter()
            .map(|range| &segment.text()[range.clone()])
            .collect();
        assert_eq!((words.as_slice(), was_found), (expected, found));
        if found && let Some(text) = text {
            assert_eq!(segment.text(), text);
        }
    }

    fn words(forms: &[&str]) -> Vec<Surface> {
        forms.iter().map(|form| Surface::word(form)).collect()
    }

    fn several(form: &str, words: &[&str]) -> Surface {
        Surface {
            words: words.iter().map(|&word| word.to_owned()).collect(),
            ..Surface::word(form)
        }
    }

    #[test]
    fn words_are_slices_of_any_script() {
        check(
            &words(&["Al", "-", "Zaman", ":"]),
            Some(" Al-Zaman :"),
            &["Al", "-", "Zaman", ":"],
            true,
        );
        check(
            &words(&["今天", "会", "下雨"]),
            Some("今天会下雨"),
            &["今天", "会", "下雨"],
            true,
        );
        check(
            &words(&["هل", "ستمطر", "؟"]),
            Some("هل ستمطر؟"),
            &["هل", "ستمطر", "؟"],
            true,
        );
        check(
            &words(&["10\u{a0}000", "👍🏽"]),
            Some("10 000 👍🏽"),
            &["10 000", "👍🏽"],
            true,
        );
    }

    #[test]
    fn a_text_of_other_words_is_replaced() {
        check(&words(&["a", "b"]), Some("a c"), &["a", "b"], false);
        check(&words(&["a", "b"]), Some("a x b"), &["a", "b"], false);
        check(&words(&["a", "b"]), None, &["a", "b"], true);
    }

    #[test]
    fn words_of_one_surface_are_found_or_share_it() {
        check(
            &[several("don't", &["do", "n't"]), Surface::word("go")],
            Some("don't go"),
            &["do", "n't", "go"],
            true,
        );
        check(
            &[several("vámonos", &["vamos", "nos"])],
            Some("vámonos"),
            &["vámo", "nos"],
            true,
        );
        check(
            &[several("du", &["de", "le"]), Surface::word("lac")],
            None,
            &["d", "u", "lac"],
            true,
        );
        check(
            &[several("à", &["a", "b", "c"])],
            None,
            &["à", "", ""],
            true,
        );
    }
}
