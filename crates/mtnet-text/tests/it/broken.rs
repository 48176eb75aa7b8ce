//! Damaged tokenizer files are errors that name the file, never panics.

use mtnet_core::RandomStream;
use mtnet_text::{EncodeOptions, TextTokenizer};

use crate::{TEXTS, tokenizer, with_words};

#[test]
fn mutated_files_never_panic() {
    let json = tokenizer().to_json().unwrap().into_bytes();
    let mut stream = RandomStream::new(17);
    let hook = std::panic::take_hook();
    // The library's own panics are caught; their messages would only fill the log.
    std::panic::set_hook(Box::new(|_| {}));
    let (mut refused, mut read) = (0, 0);
    for _ in 0..500 {
        let mut bytes = json.clone();
        for _ in 0..1 + stream.below(4) {
            let at = stream.below(bytes.len() as u32) as usize;
            match stream.below(3) {
                0 => bytes[at] = stream.next_u32() as u8,
                1 => drop(bytes.remove(at)),
                _ => bytes.truncate(at.max(1)),
            }
        }
        match TextTokenizer::from_json(&bytes) {
            Ok(tokenizer) => {
                read += 1;
                let options = EncodeOptions {
                    max_length: 64,
                    windows: true,
                };
                for text in TEXTS {
                    let _ = tokenizer.encode(&with_words(text), &options);
                }
            }
            Err(_) => refused += 1,
        }
    }
    std::panic::set_hook(hook);
    assert!(refused > 100 && read > 0, "{refused} refused, {read} read");
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
