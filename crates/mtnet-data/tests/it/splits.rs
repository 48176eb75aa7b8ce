//! Splits by fraction, limits, several files.

use std::collections::BTreeSet;

use mtnet_core::Split;
use mtnet_data::TargetKind::Label;
use mtnet_data::overlap;

use crate::support::{Folder, ask, dataset, task, text};

fn numbered(count: usize) -> String {
    let rows = (0..count).map(|n| format!("text {n}\tl\n"));
    std::iter::once("text\tlabel\n".to_owned())
        .chain(rows)
        .collect()
}

#[test]
fn fractions_part_the_training_file_for_good() {
    let folder = Folder::new(&[("a.tsv", &numbered(50))]);
    let table = "format = 'tsv'\ntrain = 'a.tsv'\ndev_fraction = 0.2\ntest_fraction = 0.1\n";
    let read = |table: &str, split| {
        let data = folder.read(table, split, &[ask("label", Label)]).unwrap();
        (0..data.examples.len())
            .map(|e| text(&data, e).to_owned())
            .collect::<Vec<String>>()
    };
    let parts = Split::ALL.map(|split| read(table, split));
    assert_eq!(parts.each_ref().map(Vec::len), [35, 10, 5]);
    let all: BTreeSet<&String> = parts.iter().flatten().collect();
    assert_eq!(all.len(), 50);
    assert_eq!(parts, Split::ALL.map(|split| read(table, split)));
    // In the order of the file.
    let number = |text: &String| text[5..].parse::<usize>().unwrap();
    assert!(parts.iter().all(|part| part.is_sorted_by_key(number)));
    let other_seed = format!("{table}split_seed = 1\n");
    assert_ne!(parts[1], read(&other_seed, Split::Dev));
    // A limit cuts each part, and moves none.
    let limited = format!("{table}limit = 3\n");
    assert_eq!(read(&limited, Split::Dev), parts[1][..3]);
    assert_eq!(read(&limited, Split::Train), parts[0][..3]);
}

#[test]
fn a_text_is_never_on_both_sides() {
    let rows: String = (0..60)
        .map(|n| format!("Text  {}\tl\ntext {}\tl\n", n % 20, n % 20))
        .collect();
    let folder = Folder::new(&[("a.tsv", &format!("text\tlabel\n{rows}"))]);
    let table = "format = 'tsv'\ntrain = 'a.tsv'\ndev_fraction = 0.25\n";
    let [train, dev] =
        [Split::Train, Split::Dev].map(|split| folder.read(table, split, &[]).unwrap());
    assert_eq!((train.examples.len(), dev.examples.len()), (90, 30));
    assert_eq!(overlap(&train.examples, &dev.examples), 0);
}

#[test]
fn files_of_a_split_are_read_in_turn_and_absent_splits_are_empty() {
    let folder = Folder::new(&[("a.tsv", &numbered(2)), ("b.tsv", &numbered(3))]);
    let table = "format = 'tsv'\ntrain = ['a.tsv', 'b.tsv']\n";
    let data = folder.train(table, &[ask("label", Label)]);
    assert_eq!(data.examples.len(), 5);
    assert!(data.place(1).file.ends_with("a.tsv") && data.place(2).file.ends_with("b.tsv"));
    assert_eq!(data.report.files[1].examples, 3);
    let config = dataset(table);
    assert!(config.has(Split::Train) && !config.has(Split::Test));
    let test = folder
        .read(table, Split::Test, &[ask("label", Label)])
        .unwrap();
    assert!(test.examples.is_empty());
}

#[test]
fn labels_may_lack_beside_a_training_file_that_has_them() {
    let folder = Folder::new(&[
        ("a.jsonl", "{\"text\": \"a\", \"label\": \"x\"}\n"),
        ("b.jsonl", "{\"text\": \"b\"}\n"),
    ]);
    let table = "format = 'jsonl'\ntrain = 'a.jsonl'\ntest = 'b.jsonl'\n";
    let test = folder
        .read(table, Split::Test, &[ask("label", Label)])
        .unwrap();
    assert_eq!(test.report.missing[&task("label")], 1);
    let alone = "format = 'jsonl'\ntest = 'b.jsonl'\n";
    assert!(
        folder
            .read(alone, Split::Test, &[ask("label", Label)])
            .is_err()
    );
}
