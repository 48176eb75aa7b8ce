//! Tokens and words are slices of the text.

use std::ops::Range;

use mtnet_core::{InputText, Segment};
use mtnet_text::{EncodeOptions, Window};
use proptest::prelude::*;

use crate::{TEXTS, handmade, letters, tokenizer, with_borders, with_words};

const OPTIONS: EncodeOptions = EncodeOptions {
    max_length: 512,
    windows: true,
    overlap: None,
};

#[test]
fn every_word_is_read_from_a_token_that_begins_in_it() {
    let tokenizer = tokenizer();
    for text in TEXTS {
        let input = with_words(text);
        let encoded = tokenizer.encode(&input, &OPTIONS).unwrap();
        let [window] = encoded.windows.as_slice() else {
            panic!("{text}: one window")
        };
        let words = input.first().words().unwrap();
        assert_eq!(window.word_tokens.len(), words.len());
        for (word, &token) in words.iter().zip(&window.word_tokens) {
            let span = window.spans[token as usize]
                .unwrap_or_else(|| panic!("{text}: a word on a special token"));
            let slice = &text[span.start as usize..span.end as usize];
            assert!(
                (word.start..word.end).contains(&(span.start as usize)),
                "{text}: word {:?} is read from {slice:?}",
                &text[word.clone()]
            );
        }
        for span in window.spans.iter().flatten() {
            let slice = text
                .get(span.start as usize..span.end as usize)
                .expect("a slice of the text");
            assert!(
                !slice.is_empty() && slice.trim() == slice,
                "{text}: {slice:?}"
            );
        }
    }
}

#[test]
fn words_stand_on_rising_tokens() {
    let tokenizer = tokenizer();
    for text in TEXTS {
        let encoded = tokenizer.encode(&with_words(text), &OPTIONS).unwrap();
        let tokens = &encoded.windows[0].word_tokens;
        assert!(tokens.is_sorted(), "{text}: {tokens:?}");
    }
}

#[test]
fn a_word_without_a_token_takes_its_neighbours() {
    let tokenizer = tokenizer();
    // The zero-width space is cleaned away by the normaliser.
    let words = ["book", "\u{200b}", "table"];
    let input = InputText::Single(Segment::from_words(&words, " "));
    let window = &tokenizer.encode(&input, &OPTIONS).unwrap().windows[0];
    assert_eq!(window.word_tokens.len(), 3);
    assert!(window.word_tokens.is_sorted());
    assert!(
        window
            .word_tokens
            .iter()
            .all(|&token| (token as usize) < window.input_ids.len())
    );

    let nothing = InputText::Single(Segment::from_words(&["\u{200b}"], " "));
    let window = &tokenizer.encode(&nothing, &OPTIONS).unwrap().windows[0];
    assert_eq!(window.word_tokens, [0]);
}

#[test]
fn pieces_that_cross_words_stand_for_both() {
    let [_, tokenizer] = handmade();
    let input = InputText::Single(Segment::from_words(&["我", "爱", "北京", "天安门"], ""));
    let window = &tokenizer.encode(&input, &OPTIONS).unwrap().windows[0];
    // <s> ▁ 我爱 北 京天 安门 </s>: neither the truncation nor the padding of the file applies.
    assert_eq!(window.input_ids, [0, 4, 5, 6, 7, 8, 2]);
    // 我 and 爱 share a piece, 北京 begins its own, 天安门 is read from the first that begins in it.
    assert_eq!(window.word_tokens, [2, 2, 3, 5]);
    assert_eq!(tokenizer.id("京天"), Some(7));
    assert_eq!(tokenizer.token(8).as_deref(), Some("安门"));
}

#[test]
fn only_the_words_of_the_first_text_of_a_pair_are_read() {
    let [tokenizer, _] = handmade();
    let pair = InputText::Pair(
        Segment::from_words(&["book", "a", "table"], " "),
        Segment::from_words(&["a", "cafe"], " "),
    );
    let window = &tokenizer.encode(&pair, &OPTIONS).unwrap().windows[0];
    assert_eq!(window.word_tokens, [1, 2, 3]);
    let segments: Vec<Option<u8>> = window
        .spans
        .iter()
        .map(|span| span.map(|span| span.segment))
        .collect();
    let (a, b) = (Some(0), Some(1));
    assert_eq!(segments, [None, a, a, a, None, b, b, None]);
}

#[test]
fn words_behind_a_cut_are_read_from_the_last_token_before_it() {
    let [tokenizer, _] = handmade();
    let input = InputText::Single(Segment::from_words(&["book", "a", "table"], " "));
    let options = EncodeOptions {
        max_length: 4,
        windows: false,
        overlap: None,
    };
    let encoded = tokenizer.encode(&input, &options).unwrap();
    assert_eq!(encoded.windows[0].word_tokens, [1, 2, 2]);
    assert_eq!(encoded.dropped_tokens, 1);
}

/// The token that stands for a word, by the rule's own words.
fn by_the_rule(word: &Range<usize>, window: &Window) -> u32 {
    let tokens: Vec<(u32, Range<usize>)> = (0..)
        .zip(&window.spans)
        .filter_map(|(at, span)| span.map(|span| (at, span.start as usize..span.end as usize)))
        .collect();
    let inside = |span: &Range<usize>| !span.is_empty() && word.contains(&span.start);
    let overlaps =
        |span: &Range<usize>| !span.is_empty() && span.start < word.end && word.start < span.end;
    let find = |rule: &dyn Fn(&Range<usize>) -> bool| tokens.iter().find(|(_, span)| rule(span));
    let before = |(_, span): &&(u32, Range<usize>)| span.end <= word.start;
    find(&inside)
        .or_else(|| find(&overlaps))
        .or_else(|| tokens.iter().rev().find(before))
        .or(tokens.first())
        .map_or(0, |&(at, _)| at)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn random_words_are_read_by_the_rule(
        text in letters(24),
        borders in prop::collection::vec(0usize..24, 0..10),
    ) {
        let input = with_borders(&text, borders);
        for tokenizer in handmade() {
            let window = &tokenizer.encode(&input, &OPTIONS).unwrap().windows[0];
            let words = input.first().words().unwrap();
            let expected: Vec<u32> = words.iter().map(|word| by_the_rule(word, window)).collect();
            prop_assert_eq!(&window.word_tokens, &expected, "{:?} in {:?}", words, &window.spans);
            for span in window.spans.iter().flatten() {
                let slice = text.get(span.start as usize..span.end as usize);
                prop_assert_eq!(slice.map(str::trim), slice, "a slice without blanks");
                prop_assert!(slice.is_some());
            }
        }
    }
}
