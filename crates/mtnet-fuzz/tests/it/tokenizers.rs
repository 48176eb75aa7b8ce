//! R14: mutants of tokenizer files and texts from nowhere never panic, and offsets cut no character.

use std::time::Duration;

use mtnet_core::{InputText, Segment};
use mtnet_fuzz::targets::target;
use mtnet_fuzz::{Tier, corpus, figure, sweep, thread_time};
use mtnet_text::{EncodeOptions, TextTokenizer};

const LIMIT: Duration = Duration::from_secs(600);

#[test]
fn r14_mutants_of_tokenizers_are_read_or_refused() {
    let mutants = Tier::from_env().pick(200, 2_000, 10_000);
    let files = sweep(target("tokenizer"), 14, 0..mutants, LIMIT);
    assert!(files.panics.is_empty(), "{:?}", files.panics);
    assert!(files.read > 0 && files.refused > 0, "{files:?}");
    // The target itself holds the offsets against the characters.
    let texts = sweep(target("text"), 14, 0..mutants, LIMIT);
    assert!(texts.panics.is_empty(), "{:?}", texts.panics);

    let mut slowest = Duration::ZERO;
    for json in corpus("tokenizer") {
        let tokenizer = TextTokenizer::from_json(&json).unwrap();
        for word in ["a", "语", "\u{301}"] {
            let text = word.repeat((1 << 20) / word.len());
            let input = InputText::Single(Segment::from_text(text));
            let options = EncodeOptions {
                max_length: 64,
                windows: true,
                overlap: None,
            };
            let begun = thread_time();
            let encoded = tokenizer.encode(&input, &options);
            slowest = slowest.max(thread_time() - begun);
            assert!(encoded.is_ok_and(|encoded| !encoded.windows.is_empty()));
        }
    }
    figure(
        "R14",
        format!(
            "{}; {}; a word of 1 MiB {:.2} ms a KiB",
            files.summary("tokenizer files"),
            texts.summary("texts"),
            slowest.as_secs_f64() * 1e3 / 1024.0
        ),
    );
}
