//! Vocabularies from text.

use mtnet_core::{InputText, Segment};
use mtnet_text::{EncodeOptions, TextError, TextTokenizer, WordPieceConfig, train_wordpiece};

use crate::TEXTS;

fn tokens(tokenizer: &TextTokenizer, text: &str) -> Vec<String> {
    let input = InputText::Single(Segment::from_text(text));
    let encoded = tokenizer
        .encode(
            &input,
            &EncodeOptions {
                max_length: 99,
                windows: false,
            },
        )
        .unwrap();
    encoded.windows[0]
        .input_ids
        .iter()
        .map(|&id| tokenizer.token(id).unwrap())
        .collect()
}

#[test]
fn frequent_pairs_become_pieces() {
    let texts = ["low low low lowest", "new newest", "wide widest"];
    let config = WordPieceConfig {
        vocab_size: 40,
        min_frequency: 2,
        lowercase: true,
    };
    let tokenizer = train_wordpiece(texts.into_iter(), &config, &[]).unwrap();
    assert_eq!(
        tokens(&tokenizer, "lowest"),
        ["[CLS]", "low", "##est", "[SEP]"]
    );
    assert_eq!(tokens(&tokenizer, "newt"), ["[CLS]", "new", "##t", "[SEP]"]);
    assert_eq!(tokens(&tokenizer, "xyz"), ["[CLS]", "[UNK]", "[SEP]"]);
    assert!(tokenizer.vocab_size() <= 40);
    assert_eq!(tokenizer.id("[PAD]"), Some(0));
}

#[test]
fn the_same_text_gives_the_same_vocabulary() {
    let train = || {
        train_wordpiece(
            TEXTS.into_iter(),
            &WordPieceConfig {
                min_frequency: 1,
                ..Default::default()
            },
            &[],
        )
    };
    let first = train().unwrap();
    for _ in 0..5 {
        assert_eq!(
            first.to_json().unwrap(),
            train().unwrap().to_json().unwrap()
        );
    }
    let again = TextTokenizer::from_json(first.to_json().unwrap().as_bytes()).unwrap();
    assert_eq!(again.content_hash(), first.content_hash());
}

#[test]
fn words_of_vectors_are_whole_pieces() {
    let words = ["unseen".to_owned(), "Upper".to_owned()];
    let tokenizer = train_wordpiece(
        ["some text"].into_iter(),
        &WordPieceConfig::default(),
        &words,
    )
    .unwrap();
    assert_eq!(tokens(&tokenizer, "Unseen text")[1], "unseen");
    // Text is lower-cased, so a word with capitals could never be met.
    assert_eq!(tokenizer.id("Upper"), None);
}

#[test]
fn nothing_to_learn_from_is_an_error() {
    let config = WordPieceConfig::default();
    assert!(matches!(
        train_wordpiece([" "].into_iter(), &config, &[]),
        Err(TextError::NoWords)
    ));
    let tiny = WordPieceConfig {
        vocab_size: 6,
        ..config
    };
    let message = train_wordpiece(["a"].into_iter(), &tiny, &[])
        .unwrap_err()
        .to_string();
    assert!(message.contains("`vocab_size` is 6"), "{message}");
}
