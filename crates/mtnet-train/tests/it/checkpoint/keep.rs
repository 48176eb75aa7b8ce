//! Which checkpoints stay.

use std::fs;

use mtnet_train::checkpoint::{LocalFiles, SaveOptions, latest_valid};

use super::{content, names, newest, writer};

fn kept(limit: Option<usize>, best: Option<u64>, steps: &[u64]) -> Vec<String> {
    let folder = tempfile::tempdir().expect("a folder");
    let options = SaveOptions {
        save_total_limit: limit,
        ..Default::default()
    };
    let writer = writer(folder.path(), options);
    for &step in steps {
        writer
            .save(step, content(step, "first"), best)
            .expect("a save");
    }
    names(folder.path())
}

#[test]
fn the_newest_and_the_best_stay() {
    let steps = [1, 2, 3, 4, 10];
    let all = [
        "checkpoint-1",
        "checkpoint-10",
        "checkpoint-2",
        "checkpoint-3",
        "checkpoint-4",
    ];
    assert_eq!(kept(None, None, &steps), all);
    assert_eq!(kept(Some(9), None, &steps), all);
    // By number, not by name.
    assert_eq!(
        kept(Some(2), None, &steps),
        ["checkpoint-10", "checkpoint-4"]
    );
    assert_eq!(kept(Some(1), None, &steps), ["checkpoint-10"]);
    assert_eq!(kept(Some(0), None, &steps), ["checkpoint-10"]);
    assert_eq!(
        kept(Some(1), Some(2), &steps),
        ["checkpoint-10", "checkpoint-2"]
    );
    assert_eq!(
        kept(Some(2), Some(4), &steps),
        ["checkpoint-10", "checkpoint-4"]
    );
}

#[test]
fn what_was_just_written_counts_as_the_newest() {
    // A run that went on from an earlier step, beside what it had written before.
    assert_eq!(kept(Some(1), None, &[100, 50]), ["checkpoint-50"]);
    assert_eq!(
        kept(Some(2), None, &[100, 200, 50]),
        ["checkpoint-200", "checkpoint-50"]
    );
}

#[test]
fn damaged_ones_do_not_count_and_leftovers_go() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path();
    writer(path, SaveOptions::default())
        .save(1, content(1, "first"), None)
        .expect("a save");
    writer(path, SaveOptions::default())
        .save(2, content(2, "first"), None)
        .expect("a save");
    fs::remove_file(path.join("checkpoint-2/model.safetensors")).expect("damaged");
    fs::create_dir_all(path.join("checkpoint-3.tmp-1")).expect("a leftover");
    fs::write(path.join("checkpoint-3.tmp-1/model.safetensors"), "half").expect("a leftover");
    let found = latest_valid(&LocalFiles, path).expect("a listing");
    assert_eq!(found.unfinished, [path.join("checkpoint-3.tmp-1")]);

    let options = SaveOptions {
        save_total_limit: Some(2),
        ..Default::default()
    };
    let report = writer(path, options)
        .save(4, content(4, "first"), None)
        .expect("a save");
    assert!(report.removed.is_empty());
    assert_eq!(
        names(path),
        ["checkpoint-1", "checkpoint-2", "checkpoint-4"]
    );
    let report = writer(path, options)
        .save(5, content(5, "first"), None)
        .expect("a save");
    assert_eq!(report.removed, [path.join("checkpoint-1")]);
    assert_eq!(
        names(path),
        ["checkpoint-2", "checkpoint-4", "checkpoint-5"]
    );
    assert_eq!(newest(path), Some((5, "first".to_owned())));
}
