//! Tokenising, aligning, windowing and packing real scripts.

mod alignment;
mod broken;
mod cache;
mod packing;
mod reference;
mod vocabulary;
mod windows;

use mtnet_core::{InputText, Segment};
use mtnet_text::{TextTokenizer, WordPieceConfig, split_words, train_wordpiece};

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

/// A small vocabulary that knows some of them whole and others in pieces.
fn tokenizer() -> TextTokenizer {
    let config = WordPieceConfig {
        vocab_size: 120,
        min_frequency: 1,
        lowercase: true,
    };
    train_wordpiece(TEXTS[..5].iter().copied(), &config, &[]).unwrap()
}

fn with_words(text: &str) -> InputText {
    InputText::Single(Segment::with_words(text, split_words(text)).unwrap())
}
