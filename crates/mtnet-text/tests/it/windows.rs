//! Long texts: windows for tagged ones, counted cuts for the others.

use mtnet_core::{InputText, Segment};
use mtnet_text::{EncodeOptions, EncodedText, TextError};
use proptest::prelude::*;

use crate::tokenizer;

fn encode(words: &[String], max_length: usize) -> EncodedText {
    let input = InputText::Single(Segment::from_words(words, " "));
    tokenizer()
        .encode(
            &input,
            &EncodeOptions {
                max_length,
                windows: true,
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

#[test]
fn a_text_that_nobody_tags_is_cut_and_counted() {
    let input = InputText::Single(Segment::from_text("book a table for two in fullerville"));
    let whole = tokenizer()
        .encode(
            &input,
            &EncodeOptions {
                max_length: 99,
                windows: true,
            },
        )
        .unwrap();
    let cut = tokenizer()
        .encode(
            &input,
            &EncodeOptions {
                max_length: 5,
                windows: true,
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
