//! Tokenising, aligning, windowing and packing real scripts.

mod alignment;
mod broken;
mod cache;
mod characters;
mod library;
mod noise;
mod packing;
mod reference;
mod vocabulary;
mod windows;

use mtnet_core::{InputText, Segment};
use mtnet_text::{TextTokenizer, WordPieceConfig, split_words, train_wordpiece};
use proptest::prelude::Strategy;
use proptest::string::string_regex;

/// Handmade tokenizers; the README beside them says what they hold.
const WORDPIECE: &str = include_str!("../fixtures/wordpiece.json");
const UNIGRAM: &str = include_str!("../fixtures/unigram.json");

/// Texts in several scripts, with marks that make offsets hard.
const TEXTS: [&str; 8] = [
    "Book a table for two in Fullerville, please!",
    "我爱北京天安门，iPhone手机也不错。",
    "مرحبا بالعالم 123",
    "ok 👍🏽 great 👨‍👩‍👧 family",
    "cafe\u{301} nai\u{308}ve Zoë",
    "İstanbul'da ISIRGAN",
    "  spaces\tand\u{a0}tabs  ",
    "ﬁne ½ ２０２４ ㎏",
];

/// Random texts of the letters of the handmade tokenizers and of what is hard about texts.
fn letters(length: usize) -> impl Strategy<Value = String> {
    let letter = "[abeinostBİ我爱北京天安门👍ﬁé\u{301}\u{200b}مرحبا12!,' \u{a0}]";
    string_regex(&format!("{letter}{{0,{length}}}")).unwrap()
}

/// A small vocabulary that knows some of them whole and others in pieces.
fn tokenizer() -> TextTokenizer {
    let config = WordPieceConfig {
        vocab_size: 120,
        min_frequency: 1,
        lowercase: true,
    };
    train_wordpiece(TEXTS[..5].iter().copied(), &config, &[]).unwrap()
}

/// The handmade tokenizers.
fn handmade() -> [TextTokenizer; 2] {
    [WORDPIECE, UNIGRAM].map(|json| TextTokenizer::from_json(json.as_bytes()).unwrap())
}

fn with_words(text: &str) -> InputText {
    InputText::Single(Segment::with_words(text, split_words(text)).unwrap())
}

/// A text whose words lie between these character borders, every second one: words may touch the
/// next, begin with a blank, or leave most of the text out.
fn with_borders(text: &str, mut borders: Vec<usize>) -> InputText {
    let starts: Vec<usize> = text
        .char_indices()
        .map(|(at, _)| at)
        .chain([text.len()])
        .collect();
    borders.sort_unstable();
    let at = |border: usize| starts[border.min(starts.len() - 1)];
    let words = borders
        .chunks_exact(2)
        .map(|pair| at(pair[0])..at(pair[1]))
        .filter(|word| !word.is_empty())
        .collect();
    InputText::Single(Segment::with_words(text, words).unwrap())
}
