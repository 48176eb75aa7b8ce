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
                overlap: None,
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
fn words_of_lower_cased_vectors_may_begin_a_sentence() {
    let cased = WordPieceConfig {
        lowercase: false,
        ..WordPieceConfig::default()
    };
    let train = |words: &[&str]| {
        let words: Vec<String> = words.iter().map(|&word| word.to_owned()).collect();
        train_wordpiece(["some text"].into_iter(), &cased, &words).unwrap()
    };
    let tokenizer = train(&["unseen", "école"]);
    assert_eq!(
        tokens(&tokenizer, "Unseen unseen École"),
        ["[CLS]", "Unseen", "unseen", "École", "[SEP]"]
    );
    // A list that tells capitals apart has them where they belong.
    assert_eq!(train(&["unseen", "Paris"]).id("Unseen"), None);
}

#[test]
fn the_order_of_the_texts_does_not_matter() {
    let config = WordPieceConfig {
        vocab_size: 150,
        min_frequency: 1,
        lowercase: true,
    };
    let train = |texts: &mut dyn Iterator<Item = &'static str>| {
        train_wordpiece(texts, &config, &[])
            .unwrap()
            .content_hash()
            .to_owned()
    };
    assert_eq!(
        train(&mut TEXTS.into_iter()),
        train(&mut TEXTS.into_iter().rev())
    );
}

#[test]
fn letters_keep_their_case_and_accents_if_the_setting_says_so() {
    let config = WordPieceConfig {
        min_frequency: 1,
        lowercase: false,
        ..WordPieceConfig::default()
    };
    let words = ["Zürich".to_owned()];
    let tokenizer = train_wordpiece(["Zoë zoe"].into_iter(), &config, &words).unwrap();
    assert_eq!(
        tokens(&tokenizer, "Zoë zoe Zürich"),
        ["[CLS]", "Zoë", "zoe", "Zürich", "[SEP]"]
    );
}

#[test]
fn a_vocabulary_smaller_than_the_alphabet_knows_the_frequent_characters() {
    let config = WordPieceConfig {
        vocab_size: 10,
        ..WordPieceConfig::default()
    };
    let text = "我我我爱爱北北京京天天门安";
    let tokenizer = train_wordpiece([text].into_iter(), &config, &[]).unwrap();
    assert_eq!(tokenizer.vocab_size(), 10);
    assert_eq!(
        tokens(&tokenizer, "我爱北京天门"),
        ["[CLS]", "我", "爱", "北", "京", "天", "[UNK]", "[SEP]"]
    );
}

#[test]
fn a_word_that_is_too_long_to_be_read_teaches_nothing() {
    let long = "ab".repeat(60);
    let config = WordPieceConfig {
        min_frequency: 1,
        ..WordPieceConfig::default()
    };
    let tokenizer = train_wordpiece([long.as_str(), "cd"].into_iter(), &config, &[]).unwrap();
    assert_eq!(tokens(&tokenizer, &long), ["[CLS]", "[UNK]", "[SEP]"]);
    assert_eq!(tokenizer.id("a"), None);
}

#[test]
fn settings_have_defaults_and_unknown_ones_are_refused() {
    let read = serde_json::from_str::<WordPieceConfig>;
    assert_eq!(read("{}").unwrap(), WordPieceConfig::default());
    assert_eq!(read(r#"{"vocab_size": 99}"#).unwrap().vocab_size, 99);
    let message = read(r#"{"vocabsize": 99}"#).unwrap_err().to_string();
    assert!(message.contains("vocabsize"), "{message}");
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
