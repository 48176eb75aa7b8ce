//! Word vectors in each of their forms, well made and not.

use std::collections::HashMap;
use std::fs;
use std::path::PathBuf;

use candle_core::{DType, Device, Tensor};
use mtnet_core::RandomStream;
use mtnet_encoders::WordVectors;
use tempfile::TempDir;

use crate::support::{numbers, told};

/// A file of that name and content in a folder of its own.
fn file(name: &str, content: &[u8]) -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    fs::write(&path, content).unwrap();
    (folder, path)
}

/// `the` and `Paris` in word2vec's binary form, with the line feeds that some writers put.
fn binary(line_feed: &str) -> Vec<u8> {
    let mut bytes = b"2 3\n".to_vec();
    for (word, row) in [("the", [1.0f32, 2.0, -3.0]), ("Paris", [0.5, 0.0, 0.25])] {
        bytes.extend(word.bytes().chain(*b" "));
        bytes.extend(row.iter().flat_map(|number| number.to_le_bytes()));
        bytes.extend(line_feed.bytes());
    }
    bytes
}

/// A folder with the two words in `f16`, and this `vocab.txt`.
fn folder(vocabulary: &str, tensor: &str) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let rows = Tensor::new(&[[1f32, 2.0, -3.0], [0.5, 0.0, 0.25]], &Device::Cpu).unwrap();
    let rows = rows.to_dtype(DType::F16).unwrap();
    let tensors = HashMap::from([(tensor, rows.clone()), ("other", rows)]);
    let path = folder.path().join("model.safetensors");
    candle_core::safetensors::save(&tensors, path).unwrap();
    fs::write(folder.path().join("vocab.txt"), vocabulary).unwrap();
    folder
}

fn expected() -> WordVectors {
    let words = vec!["the".to_owned(), "Paris".to_owned()];
    WordVectors::new(words, 3, vec![1.0, 2.0, -3.0, 0.5, 0.0, 0.25])
}

#[test]
fn every_form_holds_the_same_vectors() {
    let glove = "the 1 2 -3\nParis 0.5 0 2.5e-1\n";
    let word2vec = format!("2 3\n{glove}");
    // Blanks behind the numbers, a byte order mark and carriage returns come from real writers.
    let windows = "\u{feff}2 3\r\nthe 1 2 -3 \r\nParis\t0.5\t0\t0.25\r\n\r\n";
    for (name, content) in [
        ("glove.txt", glove.as_bytes().to_vec()),
        ("word2vec.txt", word2vec.into_bytes()),
        ("windows.vec", windows.as_bytes().to_vec()),
        ("plain.bin", binary("")),
        ("lines.bin", binary("\n")),
    ] {
        let (_folder, path) = file(name, &content);
        assert_eq!(WordVectors::open(&path).unwrap(), expected(), "{name}");
    }
    let folder = folder("the\nParis\n", "embeddings.weight");
    let in_folder = WordVectors::open(folder.path()).unwrap();
    assert_eq!(in_folder, expected());
    let by_file = WordVectors::open(&folder.path().join("model.safetensors")).unwrap();
    assert_eq!(by_file, expected());
}

#[test]
fn words_may_hold_blanks() {
    let (_folder, path) = file("glove.txt", b"the 1 2\n. . . 3 4\n");
    let vectors = WordVectors::open(&path).unwrap();
    assert_eq!(vectors.words(), ["the", ". . ."]);
    assert_eq!(vectors.data(), [1.0, 2.0, 3.0, 4.0]);
}

#[test]
fn a_malformed_file_is_told_with_its_line() {
    let cut = &binary("")[..30];
    let mut no_number = binary("");
    no_number[8..12].copy_from_slice(&f32::NAN.to_le_bytes());
    for (name, content, expected) in [
        ("v.txt", &b""[..], "`: the file holds no vectors"),
        ("v.txt", b"\n \n", "`: the file holds no vectors"),
        (
            "v.txt",
            b"2 3\n",
            "`: found 0 vectors, but the header says 2",
        ),
        ("v.txt", b"0 3\n", ", line 1: the header is `0 3`"),
        (
            "v.txt",
            b"3 2\na 1 2\n",
            "found 1 vectors, but the header says 3",
        ),
        (
            "v.txt",
            b"a\n",
            ", line 1: found `a`, expected a word and its numbers",
        ),
        (
            "v.txt",
            b"a 1 2\n\nb 1\n",
            ", line 3: found 1 numbers, expected 2",
        ),
        (
            "v.txt",
            b"a 1 2\nb 1 2 3\n",
            ", line 2: found 3 numbers, expected 2",
        ),
        (
            "v.txt",
            b"a 1 2\nb 1 x\n",
            ", line 2: `x` is no finite number",
        ),
        (
            "v.txt",
            b"a 1 2\nb inf 1\n",
            ", line 2: `inf` is no finite number",
        ),
        (
            "v.txt",
            b"a 1 2\n\xff 1 2\n",
            ", line 2: bytes that are no UTF-8",
        ),
        ("v.bin", b"abc\n", ", header: the header is `abc`"),
        ("v.bin", b"2 0\n", ", header: the header is `2 0`"),
        (
            "v.bin",
            b"9999999999 9999999999\nab ",
            ", vector 1: the file ends inside",
        ),
        (
            "v.bin",
            cut,
            ", vector 2: the file ends inside the vector of `Paris`",
        ),
        (
            "v.bin",
            &cut[..20],
            ", vector 2: found 1 vectors, but the header says 2",
        ),
        ("v.bin", &no_number, ", vector 1: `NaN` is no finite number"),
        ("v.txt.gz", b"", "the file is compressed"),
        (
            "v.safetensors",
            b"no tensors",
            "is no valid safetensors file",
        ),
    ] {
        let (_folder, path) = file(name, content);
        let message = told(&WordVectors::open(&path).unwrap_err());
        assert!(message.contains(expected), "{message}\nlacks {expected}");
        assert!(message.contains(&path.display().to_string()), "{message}");
    }
}

#[test]
fn a_folder_of_vectors_must_hold_one_matrix_and_its_words() {
    for (vocabulary, tensor, expected) in [
        (
            "the\n",
            "embeddings.weight",
            "found 2 vectors, but vocab.txt says 1",
        ),
        (
            "the\nParis\n",
            "vectors",
            "expected one tensor `embeddings.weight` of shape (words, width), found `other` [2, 3], `vectors` [2, 3]",
        ),
    ] {
        let folder = folder(vocabulary, tensor);
        let message = told(&WordVectors::open(folder.path()).unwrap_err());
        assert!(message.contains(expected), "{message}");
    }
    let message = told(&WordVectors::open("no-such-file".as_ref()).unwrap_err());
    assert!(
        message.starts_with("cannot read `no-such-file`"),
        "{message}"
    );
}

#[test]
fn whole_words_take_their_vector_and_pieces_are_drawn() {
    let vectors = expected();
    let vocabulary: Vec<String> = ["[PAD]", "The", "##the", "paris", "Paris", "##s"]
        .map(str::to_owned)
        .to_vec();
    let rows = |deviation, seed| {
        let init = RandomStream::new(seed);
        let rows = vectors
            .initial_rows(&vocabulary, deviation, init, &Device::Cpu)
            .unwrap();
        assert_eq!(rows.covered, 3);
        assert_eq!(rows.rows.dims(), [6, 3]);
        numbers(&rows.rows)
    };
    let first = rows(None, 1);
    assert_eq!(first[3..6], [1.0, 2.0, -3.0]);
    assert_eq!(first[9..12], [0.5, 0.0, 0.25]);
    assert_eq!(first[12..15], [0.5, 0.0, 0.25]);
    assert_eq!(first, rows(None, 1));
    assert_ne!(first[..3], rows(None, 2)[..3]);
    assert_ne!(first[..3], first[6..9]);

    // All numbers are scaled alike.
    let own = vectors.standard_deviation();
    let scaled = rows(Some(0.5 * own), 1);
    for (scaled, number) in scaled.iter().zip(&first) {
        assert!((scaled - 0.5 * number).abs() < 1e-6);
    }
}

#[test]
fn what_is_drawn_has_the_vectors_deviation_and_ignores_the_order() {
    let vectors = expected();
    let mut vocabulary: Vec<String> = (0..2_000).map(|index| format!("##{index}")).collect();
    let draw = |vocabulary: &[String]| {
        let init = RandomStream::new(1);
        let rows = vectors.initial_rows(vocabulary, None, init, &Device::Cpu);
        numbers(&rows.unwrap().rows)
    };
    let drawn = draw(&vocabulary);
    let squares = drawn.iter().map(|number| number * number).sum::<f32>();
    let deviation = (squares / drawn.len() as f32).sqrt();
    let own = vectors.standard_deviation();
    assert!(
        (deviation / own - 1.0).abs() < 0.05,
        "{deviation} against {own}"
    );
    vocabulary.reverse();
    assert_eq!(draw(&vocabulary)[..3], drawn[drawn.len() - 3..]);
}
