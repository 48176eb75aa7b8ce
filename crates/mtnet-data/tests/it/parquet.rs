//! Parquet files as pyarrow writes them; they are the seeds of the fuzz target.

use std::path::{Path, PathBuf};

use mtnet_core::{RawTarget, Split};
use mtnet_data::TargetKind::{Label, Numbers};
use mtnet_data::{DataError, SplitData, TaskField, read_split};

use crate::support::{Folder, ask, dataset, label, target, text, words};

fn seeds() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/corpus/parquet")
}

fn read(table: &str, requests: &[TaskField]) -> SplitData {
    let config = dataset(&format!("format = 'parquet'\n{table}"));
    read_split(&config, Split::Train, requests, &seeds()).unwrap_or_else(|error| panic!("{error}"))
}

#[test]
fn columns_are_texts_numbers_and_nulls() {
    let requests = [ask("label", Label), ask("score", Numbers)];
    let data = read("train = 'plain.parquet'", &requests);
    assert_eq!(data.examples.len(), 24);
    assert_eq!(text(&data, 2), "天气 naïve");
    assert_eq!(target(&data, 1, "label"), Some(&label("b")));
    assert_eq!(target(&data, 3, "label"), None);
    assert_eq!(
        target(&data, 4, "score"),
        Some(&RawTarget::Numbers(vec![0.5]))
    );
    assert_eq!(
        data.report.missing.values().copied().collect::<Vec<_>>(),
        [6, 6]
    );
    // Rows are counted over all row groups.
    assert_eq!(data.place(23).line, 24);
    assert_eq!(data.report.files[0].sha256.len(), 64);
}

#[test]
fn classes_are_read_by_their_names_and_lists_are_words() {
    let data = read(
        "train = 'classes.parquet'\ntokens = 'tokens'",
        &[ask("label", Label)],
    );
    assert_eq!(data.examples.len(), 12);
    assert_eq!(target(&data, 0, "label"), Some(&label("no")));
    assert_eq!(target(&data, 1, "label"), Some(&label("yes")));
    assert_eq!(target(&data, 2, "label"), None, "-1 is no class");
    assert_eq!(words(&data, 0), ["one", "two"]);
    let flags = read("train = 'classes.parquet'", &[ask("flag", Label)]);
    assert_eq!(target(&flags, 0, "flag"), Some(&label("true")));
}

#[test]
fn a_broken_file_is_named_with_its_row_group() {
    let folder = Folder::new(&[]);
    let mut bytes = std::fs::read(seeds().join("plain.parquet")).unwrap();
    let message = |bytes: &[u8]| {
        folder.write("a", bytes);
        let error = folder
            .read(
                "train = 'a'\nformat = 'parquet'",
                Split::Train,
                &[ask("label", Label)],
            )
            .unwrap_err();
        assert!(matches!(error, DataError::Parquet { .. }), "{error}");
        folder.message(&error)
    };
    assert!(message(b"no parquet").starts_with("data file `a`: "));
    let half = &bytes[..bytes.len() / 2];
    assert!(message(half).starts_with("data file `a`: "));
    for byte in &mut bytes[4..200] {
        *byte = 0xFF;
    }
    let damaged = message(&bytes);
    assert!(
        damaged.starts_with("data file `a`, row group 0: "),
        "{damaged}"
    );
}

#[test]
fn a_column_that_is_not_there_is_named() {
    let config = dataset("format = 'parquet'\ntrain = 'plain.parquet'");
    let error = read_split(&config, Split::Train, &[ask("labl", Label)], &seeds()).unwrap_err();
    assert!(
        error.to_string().contains("did you mean `label`?"),
        "{error}"
    );
}
