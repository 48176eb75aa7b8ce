//! Damaged tokenizer files are errors that name the file, never panics.

use mtnet_core::RandomStream;
use mtnet_text::{EncodeOptions, TextTokenizer};
use serde_json::{Value, json};

use crate::{TEXTS, UNIGRAM, WORDPIECE, tokenizer, with_words};

/// Some bytes changed, removed or cut away.
fn mutant(json: &str, stream: &mut RandomStream) -> Vec<u8> {
    let mut bytes = json.as_bytes().to_vec();
    for _ in 0..1 + stream.below(4) {
        let at = stream.below(bytes.len() as u32) as usize;
        match stream.below(8) {
            0..3 => bytes[at] = stream.next_u32() as u8,
            // Digits stay digits: another id, count or score.
            3..6 => {
                let digit = b'0' + stream.below(10) as u8;
                let place = bytes[at..].iter().position(u8::is_ascii_digit);
                place
                    .into_iter()
                    .for_each(|behind| bytes[at + behind] = digit);
            }
            6 => drop(bytes.remove(at)),
            _ => bytes.truncate(at.max(1)),
        }
    }
    bytes
}

/// What is wrong with how a tokenizer encodes texts: errors are fine, rows that do not exist not.
fn wrong_rows(tokenizer: &TextTokenizer) -> Option<String> {
    let options = EncodeOptions {
        max_length: 64,
        windows: true,
        overlap: None,
    };
    let encoded = TEXTS.map(|text| tokenizer.encode(&with_words(text), &options));
    let mut windows = encoded.iter().flatten().flat_map(|text| &text.windows);
    let rows = tokenizer.vocab_size();
    let below = |numbers: &[u32], limit| numbers.iter().all(|&number| (number as usize) < limit);
    windows
        .find(|window| {
            let tokens = window.input_ids.len();
            !below(&window.input_ids, rows) || !below(&window.word_tokens, tokens)
        })
        .map(|window| format!("{window:?} with {rows} rows"))
}

#[test]
fn mutated_files_never_panic() {
    let trained = tokenizer().to_json().unwrap();
    let mut stream = RandomStream::new(17);
    let hook = std::panic::take_hook();
    // The library's own panics are caught; their messages would only fill the log.
    std::panic::set_hook(Box::new(|_| {}));
    let mutants = [trained.as_str(), WORDPIECE, UNIGRAM]
        .into_iter()
        .flat_map(|json| std::iter::repeat_n(json, 500));
    let outcomes: Vec<_> = mutants
        .map(|json| {
            let mutant = mutant(json, &mut stream);
            std::panic::catch_unwind(|| {
                TextTokenizer::from_json(&mutant).map(|tokenizer| wrong_rows(&tokenizer))
            })
        })
        .collect();
    std::panic::set_hook(hook);
    let (mut refused, mut read) = (0, 0);
    for outcome in outcomes {
        match outcome.expect("no panic") {
            Err(_) => refused += 1,
            Ok(None) => read += 1,
            Ok(Some(wrong)) => panic!("{wrong}"),
        }
    }
    assert!(
        refused > 300 && read > 100,
        "{refused} refused, {read} read"
    );
}

/// The message about a handmade file after one value was replaced.
fn message(json: &str, pointer: &str, value: Value) -> String {
    let mut file: Value = serde_json::from_str(json).unwrap();
    *file.pointer_mut(pointer).unwrap() = value;
    match TextTokenizer::from_json(file.to_string().as_bytes()) {
        Ok(_) => "read".to_owned(),
        Err(error) => error.to_string(),
    }
}

#[test]
fn what_is_wrong_is_said() {
    let absent = message(WORDPIECE, "/post_processor/cls/1", json!(777));
    assert!(absent.contains("token id 777"), "{absent}");
    let huge = message(WORDPIECE, "/model/vocab/fine", json!(u32::MAX));
    assert!(huge.contains("largest token id is 4294967295"), "{huge}");
    let template = "/post_processor/pair/1/Sequence/id";
    let twice = message(UNIGRAM, template, json!("B"));
    assert!(twice.contains("texts of a pair"), "{twice}");
    let unknown = message(UNIGRAM, "/model/type", json!("Trigram"));
    assert!(unknown.contains("expected a `tokenizer.json`"), "{unknown}");
}

#[test]
fn gaps_between_ids_need_rows_too() {
    let mut file: Value = serde_json::from_str(WORDPIECE).unwrap();
    file["model"]["vocab"]["fine"] = json!(1000);
    let tokenizer = TextTokenizer::from_json(file.to_string().as_bytes()).unwrap();
    assert_eq!(tokenizer.vocab_size(), 1001);
    assert_eq!(tokenizer.token(999), None);
}

#[test]
fn the_file_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("tokenizer.json");
    let message = TextTokenizer::from_file(&path).unwrap_err().to_string();
    assert!(message.contains("tokenizer.json"), "{message}");
    std::fs::write(&path, "{\"model\": 3}").unwrap();
    let message = TextTokenizer::from_file(&path).unwrap_err().to_string();
    assert!(
        message.contains("tokenizer.json") && message.contains("expected a `tokenizer.json`"),
        "{message}"
    );
}
