//! Tokenizer files, and texts that nobody would write.

use std::sync::OnceLock;

use mtnet_core::{InputText, Segment};
use mtnet_text::{EncodeOptions, TextTokenizer};

use super::{Outcome, Target, told};

pub(super) const TOKENIZER: Target = Target {
    name: "tokenizer",
    dictionary: &[
        "null",
        "\"BPE\"",
        "\"Unigram\"",
        "\"WordPiece\"",
        "\"merges\":[\"a b\"],",
        "\"unk_id\"",
        "[UNK]",
        "\"TemplateProcessing\"",
        "{}",
        "[]",
    ],
    run: tokenizer,
};

pub(super) const TEXT: Target = Target {
    name: "text",
    dictionary: &[
        "\0",
        "\u{200B}",
        "\u{202E}",
        "\u{301}",
        "\u{FEFF}",
        "👍🏽",
        "سلام",
        "㊗",
        "\u{1F1E6}",
    ],
    run: text,
};

const OPTIONS: EncodeOptions = EncodeOptions {
    max_length: 64,
    windows: true,
    overlap: None,
};

fn tokenizer(bytes: &[u8]) -> Outcome {
    match TextTokenizer::from_json(bytes) {
        Ok(tokenizer) => {
            for text in ["play some Adele", "天气 naïve 👍🏽", ""] {
                check(&tokenizer, text);
            }
            Outcome::Read
        }
        Err(error) => Outcome::Refused {
            message: told(&error),
            placed: true,
        },
    }
}

/// The bytes as a text for each tokenizer of the corpus.
fn text(bytes: &[u8]) -> Outcome {
    static TOKENIZERS: OnceLock<Vec<TextTokenizer>> = OnceLock::new();
    let tokenizers = TOKENIZERS.get_or_init(|| {
        crate::corpus("tokenizer")
            .iter()
            .map(|json| TextTokenizer::from_json(json).expect("a whole tokenizer"))
            .collect()
    });
    let text = String::from_utf8_lossy(bytes);
    for tokenizer in tokenizers {
        check(tokenizer, &text);
    }
    Outcome::Read
}

/// Encodes a text, alone and as words, and looks at what comes out.
///
/// # Panics
/// If a row does not exist, or an offset cuts a character: findings.
fn check(tokenizer: &TextTokenizer, text: &str) {
    let words: Vec<&str> = text.split_whitespace().collect();
    let inputs = [
        InputText::Single(Segment::from_text(text)),
        InputText::Single(Segment::from_words(&words, " ")),
        InputText::Pair(Segment::from_text(text), Segment::from_text("x")),
    ];
    for input in inputs {
        // Texts without a token are refused, as are those that a damaged model cannot spell.
        let Ok(encoded) = tokenizer.encode(&input, &OPTIONS) else {
            continue;
        };
        for window in &encoded.windows {
            let rows = tokenizer.vocab_size();
            assert!(window.input_ids.iter().all(|&id| (id as usize) < rows));
            for span in window.spans.iter().flatten() {
                let segment = match span.segment {
                    0 => input.first(),
                    _ => input.second().expect("the second of a pair"),
                };
                let range = span.start as usize..span.end as usize;
                assert!(segment.text().get(range).is_some(), "{span:?} in {text:?}");
            }
        }
    }
}
