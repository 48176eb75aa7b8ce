//! Encoded texts that are kept.

use mtnet_core::InputText;
use mtnet_text::{EncodeOptions, TokenCache};

use crate::{TEXTS, tokenizer, with_words};

#[test]
fn kept_texts_are_the_same_and_damaged_ones_are_made_again() {
    let folder = tempfile::tempdir().unwrap();
    let tokenizer = tokenizer();
    let texts: Vec<InputText> = TEXTS.iter().map(|text| with_words(text)).collect();
    let texts: Vec<&InputText> = texts.iter().collect();
    let options = EncodeOptions {
        max_length: 12,
        windows: true,
    };
    let plain = TokenCache::default()
        .encode_all(&tokenizer, &texts, &options)
        .unwrap();

    let cache = TokenCache::new(Some(folder.path().join("tokens")));
    let files = || {
        std::fs::read_dir(folder.path().join("tokens"))
            .unwrap()
            .map(|f| f.unwrap().path())
            .collect::<Vec<_>>()
    };
    assert_eq!(
        cache.encode_all(&tokenizer, &texts, &options).unwrap(),
        plain
    );
    let [file] = files().try_into().unwrap();
    let written = std::fs::metadata(&file).unwrap().modified().unwrap();
    assert_eq!(
        cache.encode_all(&tokenizer, &texts, &options).unwrap(),
        plain
    );
    assert_eq!(
        std::fs::metadata(&file).unwrap().modified().unwrap(),
        written,
        "the file was read, not written"
    );

    let mut bytes = std::fs::read(&file).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::write(&file, bytes).unwrap();
    assert_eq!(
        cache.encode_all(&tokenizer, &texts, &options).unwrap(),
        plain
    );

    // Other options, other texts: other files.
    cache
        .encode_all(
            &tokenizer,
            &texts,
            &EncodeOptions {
                max_length: 13,
                ..options
            },
        )
        .unwrap();
    cache.encode_all(&tokenizer, &texts[1..], &options).unwrap();
    assert_eq!(files().len(), 3);
}
