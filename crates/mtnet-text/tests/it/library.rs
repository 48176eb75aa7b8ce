//! Ids, segments and cuts are those of the tokenizers library on the same file.

use mtnet_core::{InputText, Segment};
use mtnet_text::{EncodeOptions, TextTokenizer};
use proptest::prelude::*;
use tokenizers::{Tokenizer, TruncationDirection, TruncationParams, TruncationStrategy};

use crate::{TEXTS, UNIGRAM, WORDPIECE, letters};

/// Compares a text or pair, and returns the ids.
fn check(json: &str, first: &str, second: Option<&str>, max_length: usize) -> Vec<u32> {
    let segment = Segment::from_text(first);
    let input = match second {
        None => InputText::Single(segment),
        Some(second) => InputText::Pair(segment, Segment::from_text(second)),
    };
    let options = EncodeOptions {
        max_length,
        windows: false,
        overlap: None,
    };
    let encoded = TextTokenizer::from_json(json.as_bytes())
        .unwrap()
        .encode(&input, &options)
        .unwrap();

    let mut library = Tokenizer::from_bytes(json).unwrap();
    library.with_padding(None).with_truncation(None).unwrap();
    let whole = match second {
        None => library.encode(first, true),
        Some(second) => library.encode((first, second), true),
    }
    .unwrap();
    // Texts are tokenised whole before the cut: the library's own `encode` shortens each to
    // `max_length` before it compares their lengths, which gives an odd token to another text.
    let plain = |text: &str| library.encode(text, false).unwrap();
    let (first_plain, second_plain) = (plain(first), second.map(plain));
    library
        .with_truncation(Some(TruncationParams {
            max_length,
            strategy: TruncationStrategy::LongestFirst,
            stride: 0,
            direction: TruncationDirection::Right,
        }))
        .unwrap();
    let cut = library
        .post_process(first_plain, second_plain, true)
        .unwrap();
    let [window] = encoded.windows.as_slice() else {
        panic!("one window")
    };
    assert_eq!(window.input_ids, cut.get_ids(), "{first:?} {second:?}");
    assert_eq!(window.type_ids, cut.get_type_ids());
    let special: Vec<u32> = window
        .spans
        .iter()
        .map(|span| u32::from(span.is_none()))
        .collect();
    assert_eq!(special, cut.get_special_tokens_mask());
    assert_eq!(encoded.dropped_tokens, whole.len() - cut.len());
    assert!(window.word_tokens.is_empty(), "no words are stated");
    window.input_ids.clone()
}

#[test]
fn handmade_tokenizers_give_known_ids() {
    // [CLS] book ##s [UNK] [SEP], and the pair's second text with its own [SEP].
    assert_eq!(
        check(WORDPIECE, "Books ñu", Some("我爱"), 99),
        [2, 13, 38, 1, 3, 18, 19, 3]
    );
    // <s> ▁ 我爱 北 京天 安门 </s>: pieces across words; NFKC maps the ligature to letters.
    assert_eq!(
        check(UNIGRAM, "我爱北京天安门", None, 99),
        [0, 4, 5, 6, 7, 8, 2]
    );
    assert_eq!(check(UNIGRAM, "book", Some("a"), 99), [0, 10, 2, 2, 9, 2]);
}

#[test]
fn real_scripts_give_the_librarys_ids() {
    for json in [WORDPIECE, UNIGRAM] {
        for text in TEXTS {
            check(json, text, None, 512);
            check(json, text, None, 9);
            check(json, text, Some(TEXTS[1]), 16);
        }
        check(json, "", None, 9);
        check(json, "", Some(""), 9);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn random_texts_and_cuts_give_the_librarys_ids(
        first in letters(24),
        second in prop::option::of(letters(24)),
        max_length in 6usize..40,
    ) {
        for json in [WORDPIECE, UNIGRAM] {
            check(json, &first, second.as_deref(), max_length);
        }
    }
}
