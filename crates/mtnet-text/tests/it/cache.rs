//! Encoded texts that are kept.

use std::fs;
use std::path::{Path, PathBuf};

use mtnet_core::{InputText, Segment};
use mtnet_text::{EncodeOptions, EncodedText, TextError, TokenCache};

use crate::{TEXTS, tokenizer, with_borders, with_words};

const OPTIONS: EncodeOptions = EncodeOptions {
    max_length: 12,
    windows: true,
    overlap: None,
};

fn texts() -> Vec<InputText> {
    let pair = InputText::Pair(Segment::from_text(TEXTS[0]), Segment::from_text(TEXTS[1]));
    let words = TEXTS.iter().map(|text| with_words(text));
    words.chain([pair]).collect()
}

fn encode(folder: Option<&Path>, texts: &[InputText], options: EncodeOptions) -> Vec<EncodedText> {
    let texts: Vec<&InputText> = texts.iter().collect();
    TokenCache::new(folder.map(Path::to_owned))
        .encode_all(&tokenizer(), &texts, &options)
        .unwrap()
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap();
    entries.map(|entry| entry.unwrap().path()).collect()
}

/// The one file of a cache that kept `texts()`, and what it holds.
fn kept(folder: &Path) -> (PathBuf, Vec<u8>) {
    encode(Some(folder), &texts(), OPTIONS);
    let [file] = files(folder)
        .try_into()
        .expect("one file, nothing beside it");
    let bytes = fs::read(&file).unwrap();
    (file, bytes)
}

#[test]
fn texts_come_in_order_with_and_without_a_cache() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path().join("made/when/needed");
    let tokenizer = tokenizer();
    let one_by_one: Vec<EncodedText> = texts()
        .iter()
        .map(|text| tokenizer.encode(text, &OPTIONS).unwrap())
        .collect();
    assert_eq!(encode(None, &texts(), OPTIONS), one_by_one);
    assert_eq!(encode(Some(&folder), &texts(), OPTIONS), one_by_one);
    let (file, bytes) = kept(&folder);
    assert_eq!(encode(Some(&folder), &texts(), OPTIONS), one_by_one);

    // The second time the file is read, not written.
    let written = fs::metadata(&file).unwrap().modified().unwrap();
    encode(Some(&folder), &texts(), OPTIONS);
    assert_eq!(fs::metadata(&file).unwrap().modified().unwrap(), written);
    assert_eq!(fs::read(&file).unwrap(), bytes);
}

#[test]
fn damaged_and_foreign_files_are_made_again() {
    let folder = tempfile::tempdir().unwrap();
    let (file, whole) = kept(folder.path());
    let expected = encode(None, &texts(), OPTIONS);

    let mut flipped = whole.clone();
    flipped[whole.len() / 2] ^= 1;
    // A sound file, but of other texts: its checksum is bound to its own key.
    let other = tempfile::tempdir().unwrap();
    encode(Some(other.path()), &texts()[1..], OPTIONS);
    let foreign = fs::read(&files(other.path())[0]).unwrap();
    let cut = whole[..whole.len() - 1].to_vec();
    for damaged in [flipped, foreign, cut, whole[..20].to_vec(), Vec::new()] {
        fs::write(&file, damaged).unwrap();
        assert_eq!(encode(Some(folder.path()), &texts(), OPTIONS), expected);
        assert_eq!(fs::read(&file).unwrap(), whole, "made again");
        assert_eq!(files(folder.path()).len(), 1);
    }
}

#[test]
fn whatever_changes_is_another_file() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let longer = EncodeOptions {
        max_length: 13,
        ..OPTIONS
    };
    let cut = EncodeOptions {
        windows: false,
        ..OPTIONS
    };
    let single = |segment| vec![InputText::Single(segment)];
    encode(Some(folder), &texts(), OPTIONS);
    encode(Some(folder), &texts(), longer);
    encode(Some(folder), &texts(), cut);
    encode(Some(folder), &texts()[1..], OPTIONS);
    encode(Some(folder), &[], OPTIONS);
    encode(Some(folder), &single(Segment::from_text("ab")), OPTIONS);
    for borders in [vec![], vec![0, 2], vec![0, 1, 1, 2]] {
        encode(Some(folder), &[with_borders("ab", borders)], OPTIONS);
    }
    let [a, b] = ["a", "b"].map(Segment::from_text);
    encode(
        Some(folder),
        &[InputText::Pair(a.clone(), b.clone())],
        OPTIONS,
    );
    encode(Some(folder), &[single(a), single(b)].concat(), OPTIONS);
    assert_eq!(files(folder).len(), 11);
}

#[test]
fn a_folder_that_cannot_be_used_costs_only_the_cache() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("a file");
    fs::write(&file, "no folder").unwrap();
    let expected = encode(None, &texts(), OPTIONS);
    assert_eq!(encode(Some(&file), &texts(), OPTIONS), expected);
    assert_eq!(fs::read(&file).unwrap(), b"no folder");
}

#[test]
fn a_text_that_cannot_be_encoded_is_an_error_and_nothing_is_kept() {
    let folder = tempfile::tempdir().unwrap();
    let texts = texts();
    let texts: Vec<&InputText> = texts.iter().collect();
    let tight = EncodeOptions {
        max_length: 4,
        ..OPTIONS
    };
    let cache = TokenCache::new(Some(folder.path().to_owned()));
    let error = cache.encode_all(&tokenizer(), &texts, &tight).unwrap_err();
    // Room for a text with two special tokens, but not for a pair with three.
    assert!(
        matches!(
            error,
            TextError::MaxLength {
                found: 4,
                least: 5,
                special: 3
            }
        ),
        "{error}"
    );
    assert_eq!(files(folder.path()).len(), 0);
}
