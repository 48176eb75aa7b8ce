//! Long texts: windows for tagged ones, counted cuts for the others.

use std::collections::BTreeSet;

use mtnet_core::{InputText, Segment};
use mtnet_text::{EncodeOptions, EncodedText, TextError, TextTokenizer, Window};
use proptest::prelude::*;

use crate::{UNIGRAM, handmade, letters, tokenizer, with_borders};

fn encode(words: &[String], max_length: usize) -> EncodedText {
    let input = InputText::Single(Segment::from_words(words, " "));
    tokenizer()
        .encode(
            &input,
            &EncodeOptions {
                max_length,
                windows: true,
                overlap: None,
            },
        )
        .unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn every_word_lies_in_exactly_one_window(
        words in prop::collection::vec("[a-z]{1,9}|[一-三]{1,3}|👍", 1..60),
        max_length in 3usize..30,
    ) {
        let encoded = encode(&words, max_length);
        let mut next = 0;
        for window in &encoded.windows {
            prop_assert_eq!(window.first_word, next);
            prop_assert!(window.input_ids.len() <= max_length);
            prop_assert!(!window.word_tokens.is_empty());
            prop_assert!(window.word_tokens.iter().all(|&token| (token as usize) < window.input_ids.len()));
            prop_assert_eq!(window.spans.len(), window.input_ids.len());
            next += window.word_tokens.len();
        }
        prop_assert_eq!(next, words.len());
        let whole = encode(&words, 100_000);
        let text = |encoded: &EncodedText| -> Vec<u32> {
            encoded.windows.iter().flat_map(|window| window.input_ids[1..window.input_ids.len() - 1].to_vec()).collect()
        };
        prop_assert_eq!(text(&encoded).len() + encoded.dropped_tokens, text(&whole).len());
        if encoded.dropped_tokens == 0 {
            prop_assert_eq!(text(&encoded), text(&whole));
        }
    }
}

/// Words with gaps and pieces across their borders: each keeps the token that stands for it.
fn check_windows(tokenizer: &TextTokenizer, input: &InputText, max_length: usize) {
    let encode = |max_length| {
        let options = EncodeOptions {
            max_length,
            windows: true,
            overlap: None,
        };
        tokenizer.encode(input, &options).unwrap()
    };
    let (encoded, whole) = (encode(max_length), encode(10_000));
    let [whole] = whole.windows.as_slice() else {
        panic!("one window")
    };
    let token = |window: &Window, at: u32| {
        let at = at as usize;
        (window.input_ids[at], window.spans[at])
    };
    let read: Vec<_> = encoded
        .windows
        .iter()
        .flat_map(|window| window.word_tokens.iter().map(|&at| token(window, at)))
        .collect();
    let expected: Vec<_> = whole
        .word_tokens
        .iter()
        .map(|&at| token(whole, at))
        .collect();
    let words = input.first().words().unwrap_or_default();
    assert_eq!(read.len(), words.len());
    if !words.is_empty() {
        assert_eq!(read, expected, "{input:?} in {max_length}");
    }
    for window in &encoded.windows {
        assert!(window.input_ids.len() <= max_length);
        assert_eq!(window.input_ids.first(), whole.input_ids.first());
        assert_eq!(window.input_ids.last(), whole.input_ids.last());
    }
    // Blank pieces of one place cannot be told apart, the others are counted one by one.
    let spans = |windows: &[Window]| -> BTreeSet<(u32, u32)> {
        let spans = windows
            .iter()
            .flat_map(|window| window.spans.iter().flatten());
        spans
            .map(|span| (span.start, span.end))
            .filter(|span| span.0 < span.1)
            .collect()
    };
    let (kept, all) = (spans(&encoded.windows), spans(std::slice::from_ref(whole)));
    assert!(kept.is_subset(&all));
    if encoded.dropped_tokens == 0 {
        assert_eq!(kept, all, "{input:?} in {max_length}");
    } else {
        assert!(encoded.dropped_tokens < whole.input_ids.len());
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn no_window_loses_the_token_of_a_word(
        text in letters(40),
        borders in prop::collection::vec(0usize..40, 0..16),
        max_length in 3usize..12,
    ) {
        let input = with_borders(&text, borders);
        for tokenizer in handmade() {
            check_windows(&tokenizer, &input, max_length);
        }
    }
}

#[test]
fn a_long_text_before_the_first_word_does_not_push_it_out() {
    let [tokenizer, _] = handmade();
    let input = with_borders("a a a a a a book a a", vec![12, 16]);
    let options = EncodeOptions {
        max_length: 5,
        windows: true,
        overlap: None,
    };
    let encoded = tokenizer.encode(&input, &options).unwrap();
    let [window] = encoded.windows.as_slice() else {
        panic!("one window")
    };
    let book = tokenizer.id("book").unwrap();
    assert_eq!(window.input_ids[window.word_tokens[0] as usize], book);
    assert_eq!(encoded.dropped_tokens, 6);
}

#[test]
fn a_word_longer_than_a_window_is_cut_and_counted() {
    let words = ["a", "tabletabletabletable", "a"].map(str::to_owned);
    let whole = encode(&words, 999);
    let encoded = encode(&words, 5);
    assert_eq!(encoded.windows.len(), 3);
    assert_eq!(encoded.windows[1].input_ids.len(), 5);
    assert_eq!(encoded.windows[1].word_tokens, [1]);
    assert_eq!(
        encoded.dropped_tokens,
        // Special tokens of one window, and what the three windows hold of the text.
        whole.tokens() - 2 - (encoded.tokens() - 6)
    );
}

#[test]
fn a_text_that_nobody_tags_is_cut_and_counted() {
    let input = InputText::Single(Segment::from_text("book a table for two in fullerville"));
    let whole = tokenizer()
        .encode(
            &input,
            &EncodeOptions {
                max_length: 99,
                windows: true,
                overlap: None,
            },
        )
        .unwrap();
    let cut = tokenizer()
        .encode(
            &input,
            &EncodeOptions {
                max_length: 5,
                windows: true,
                overlap: None,
            },
        )
        .unwrap();
    assert_eq!(cut.windows[0].input_ids.len(), 5);
    assert_eq!(cut.dropped_tokens, whole.tokens() - 5);
    assert_eq!(
        cut.windows[0].input_ids[..4],
        whole.windows[0].input_ids[..4]
    );
    assert_eq!(
        cut.windows[0].input_ids.last(),
        whole.windows[0].input_ids.last()
    );
}

#[test]
fn the_longer_text_of_a_pair_is_cut_first() {
    let long = Segment::from_text("book a table for two in fullerville please");
    let short = Segment::from_text("a table");
    let pair = InputText::Pair(long, short);
    let encoded = tokenizer()
        .encode(
            &pair,
            &EncodeOptions {
                max_length: 9,
                windows: false,
                overlap: None,
            },
        )
        .unwrap();
    let window = &encoded.windows[0];
    assert_eq!(window.input_ids.len(), 9);
    assert!(encoded.dropped_tokens > 0);
    let of = |segment| {
        window
            .spans
            .iter()
            .flatten()
            .filter(|span| span.segment == segment)
            .count()
    };
    assert_eq!((of(0), of(1)), (3, 3));
    // [CLS] and the first text are of type 0, the second text of type 1.
    assert_eq!(window.type_ids, [0, 0, 0, 0, 0, 1, 1, 1, 1]);
}

#[test]
fn a_length_without_room_is_refused() {
    let input = InputText::Single(Segment::from_text("a"));
    let error = tokenizer()
        .encode(
            &input,
            &EncodeOptions {
                max_length: 2,
                windows: true,
                overlap: None,
            },
        )
        .unwrap_err();
    assert!(
        matches!(
            error,
            TextError::MaxLength {
                found: 2,
                least: 3,
                special: 2
            }
        ),
        "{error}"
    );
}

#[test]
fn a_text_without_any_token_is_refused() {
    let mut file: serde_json::Value = serde_json::from_str(UNIGRAM).unwrap();
    file["post_processor"] = serde_json::Value::Null;
    let tokenizer = TextTokenizer::from_json(file.to_string().as_bytes()).unwrap();
    let options = EncodeOptions {
        max_length: 1,
        windows: false,
        overlap: None,
    };
    let encode = |text| tokenizer.encode(&InputText::Single(Segment::from_text(text)), &options);
    assert_eq!(encode("a").unwrap().windows[0].input_ids, [9]);
    let error = encode("").unwrap_err();
    assert!(matches!(error, TextError::NoTokens { bytes: 0 }), "{error}");
}

/// A pair in windows over its second text.
fn overlapping(first: &str, second: &str, max_length: usize, overlap: usize) -> EncodedText {
    let pair = InputText::Pair(Segment::from_text(first), Segment::from_text(second));
    let options = EncodeOptions {
        max_length,
        windows: true,
        overlap: Some(overlap),
    };
    tokenizer().encode(&pair, &options).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn windows_of_a_pair_hold_all_of_the_second_text_behind_the_first(
        first in prop::collection::vec("[a-z]{1,6}", 0..12),
        second in prop::collection::vec("[a-z]{1,6}|[一-三]{1,3}", 0..50),
        max_length in 8usize..30,
        overlap in 0usize..20,
    ) {
        let (first, second) = (first.join(" "), second.join(" "));
        let pair = InputText::Pair(Segment::from_text(&*first), Segment::from_text(&*second));
        let encode = |max_length, overlap| {
            let options = EncodeOptions { max_length, windows: true, overlap };
            tokenizer().encode(&pair, &options).unwrap()
        };
        let encoded = overlapping(&first, &second, max_length, overlap);
        // Whoever reads the first window reads the pair as it would have been cut.
        prop_assert_eq!(&encoded.windows[0], &encode(max_length, None).windows[0]);
        let spans = |window: &Window, segment: u8| -> Vec<(u32, u32)> {
            let spans = window.spans.iter().flatten();
            spans.filter(|span| span.segment == segment).map(|span| (span.start, span.end)).collect()
        };
        let whole = encode(100_000, None);
        let (question, all) = (spans(&whole.windows[0], 0), spans(&whole.windows[0], 1));
        let kept = spans(&encoded.windows[0], 0);
        prop_assert_eq!(encoded.dropped_tokens, question.len() - kept.len());
        let mut next = 0;
        for (number, window) in encoded.windows.iter().enumerate() {
            prop_assert!(window.input_ids.len() <= max_length);
            prop_assert_eq!(&spans(window, 0), &kept);
            let part = spans(window, 1);
            let begin = all.iter().position(|span| Some(span) == part.first()).unwrap_or(0);
            prop_assert_eq!(&all[begin..begin + part.len()], &part[..]);
            if number > 0 {
                let room = spans(&encoded.windows[0], 1).len();
                prop_assert_eq!(next - begin, overlap.min(room / 2));
                prop_assert!(begin + part.len() > next);
            }
            next = begin + part.len();
        }
        prop_assert_eq!(next, all.len());
    }
}
