//! Tokens and words are slices of the text.

use mtnet_core::{InputText, Segment};
use mtnet_text::{EncodeOptions, TextTokenizer};

use crate::{TEXTS, tokenizer, with_words};

const OPTIONS: EncodeOptions = EncodeOptions {
    max_length: 512,
    windows: true,
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

/// A Unigram tokenizer whose pieces cross the borders of words.
#[test]
fn pieces_that_cross_words_stand_for_both() {
    let json = r#"{
        "version": "1.0", "truncation": {"max_length": 3, "strategy": "LongestFirst", "stride": 0, "direction": "Right"},
        "padding": {"strategy": {"Fixed": 9}, "direction": "Right", "pad_to_multiple_of": null, "pad_id": 1, "pad_type_id": 0, "pad_token": "<pad>"},
        "added_tokens": [
            {"id": 0, "content": "<s>", "single_word": false, "lstrip": false, "rstrip": false, "normalized": false, "special": true},
            {"id": 1, "content": "</s>", "single_word": false, "lstrip": false, "rstrip": false, "normalized": false, "special": true}
        ],
        "normalizer": null,
        "pre_tokenizer": {"type": "Metaspace", "replacement": "▁", "prepend_scheme": "always", "split": true},
        "post_processor": {"type": "TemplateProcessing",
            "single": [{"SpecialToken": {"id": "<s>", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}}, {"SpecialToken": {"id": "</s>", "type_id": 0}}],
            "pair": [{"SpecialToken": {"id": "<s>", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}}, {"SpecialToken": {"id": "</s>", "type_id": 0}}, {"Sequence": {"id": "B", "type_id": 0}}, {"SpecialToken": {"id": "</s>", "type_id": 0}}],
            "special_tokens": {"<s>": {"id": "<s>", "ids": [0], "tokens": ["<s>"]}, "</s>": {"id": "</s>", "ids": [1], "tokens": ["</s>"]}}},
        "decoder": null,
        "model": {"type": "Unigram", "unk_id": 2, "byte_fallback": false, "vocab": [
            ["<s>", 0.0], ["</s>", 0.0], ["<unk>", -20.0], ["▁", -3.0], ["我爱", -1.0], ["北", -4.0], ["京天", -1.0], ["安门", -2.0]
        ]}
    }"#;
    let tokenizer = TextTokenizer::from_json(json.as_bytes()).unwrap();
    let input = InputText::Single(Segment::from_words(&["我", "爱", "北京", "天安门"], ""));
    let window = &tokenizer.encode(&input, &OPTIONS).unwrap().windows[0];
    // <s> ▁ 我爱 北 京天 安门 </s>: neither the truncation nor the padding of the file applies.
    assert_eq!(window.input_ids, [0, 3, 4, 5, 6, 7, 1]);
    // 我 and 爱 share a piece, 北京 begins its own, 天安门 is read from the first that begins in it.
    assert_eq!(window.word_tokens, [2, 2, 3, 5]);
    assert_eq!(tokenizer.id("京天"), Some(6));
    assert_eq!(tokenizer.token(7).as_deref(), Some("安门"));
}
