//! `on_bad_row`: what is left out is counted exactly, in every format, and nothing else is.

use mtnet_core::Split;
use mtnet_data::TargetKind::{Label, Numbers, Tags};
use mtnet_data::{DataError, SplitData, TargetKind, TaskField};

use crate::support::{Folder, ask, text};

#[track_caller]
fn check(
    format: &str,
    content: &[u8],
    field: (&str, TargetKind),
    good: &[&str],
    bad: usize,
    first: &str,
) {
    let folder = Folder::new(&[]);
    folder.write("a", content);
    let requests = [ask(field.0, field.1)];
    let read = |policy: &str| {
        let table = format!("train = 'a'\n{format}\non_bad_row = {policy}");
        folder.read(&table, Split::Train, &requests)
    };
    let data = read("'skip'").unwrap_or_else(|error| panic!("{error}"));
    let texts: Vec<&str> = (0..data.examples.len()).map(|at| text(&data, at)).collect();
    assert_eq!(texts, good);
    assert_eq!(
        data.report.bad_rows, bad,
        "{:?}",
        data.report.first_bad_rows
    );
    assert!(
        data.report.first_bad_rows[0].contains(first),
        "{:?}",
        data.report.first_bad_rows
    );
    assert!(read(&format!("{{ limit = {bad} }}")).is_ok());
    let over = read(&format!("{{ limit = {} }}", bad - 1)).unwrap_err();
    assert!(matches!(over, DataError::TooManyBadRows { .. }), "{over}");
    // A strict reading ends at one of them: bytes that are no text are seen before all else.
    let strict = folder.message(&read("'error'").unwrap_err());
    assert!(strict.starts_with("a:"), "{strict}");
}

#[test]
fn lines_rows_and_sentences_are_left_out_whole() {
    check(
        "format = 'jsonl'",
        b"{\"text\": \"a\", \"y\": \"1\"}\n{\"text\": \n{\"text\": [1], \"y\": \"2\"}\n{\"text\": \"b\xFF\"}\n{\"text\": \"c\", \"y\": {}}\n{\"text\": \"d\", \"y\": \"3\"}\n",
        ("y", Label),
        &["a", "d"],
        4,
        "a:2: not JSON",
    );
    check(
        "format = 'csv'",
        b"text,y\na,1\nb\n\"c\"x,2\n\"d,3\ne,4\nf,5,6\n\"g\nh\",7\n",
        ("y", Label),
        &["a", "e", "g\nh"],
        4,
        "a:3: found 1 column",
    );
    check(
        "format = 'tsv'",
        b"text\ty\na\t1\nb\tx\n\xC3\t2\nc\t3\n",
        ("y", Numbers),
        &["a", "c"],
        2,
        "a:4: byte 1",
    );
    check(
        "format = 'conll'",
        b"a O\nb O\n\nc O\nd O O\ne O\n\nf O\n",
        ("tag", Tags),
        &["a b", "f"],
        1,
        "a:5: found 3 columns",
    );
    check(
        "format = 'conllu'",
        b"1\ta\ta\tX\t_\t_\t0\troot\t_\t_\n\n2\tb\tb\tX\t_\t_\t0\troot\t_\t_\n3\tc\tc\tX\t_\t_\t0\troot\t_\t_\n\n1-2\tde\t_\t_\t_\t_\t_\t_\t_\t_\n1\td\td\tX\t_\t_\t0\troot\t_\t_\n\n1\tf\tf\tX\t_\t_\t0\troot\t_\t_\n",
        ("upos", Tags),
        &["a", "f"],
        2,
        "a:3: found word number `2`",
    );
}

#[test]
fn a_header_that_cannot_be_read_is_never_left_out() {
    let folder = Folder::new(&[]);
    folder.write("a", b"text,\xFF\na,1\n");
    let table = "train = 'a'\nformat = 'csv'\non_bad_row = 'skip'";
    let error = folder
        .read(table, Split::Train, &[ask("y", Label)])
        .unwrap_err();
    assert_eq!(
        folder.message(&error).split(" is ").next(),
        Some("a:1: byte 6 of the line")
    );
}

#[test]
fn a_file_of_bad_rows_alone_holds_no_example() {
    let folder = Folder::new(&[("a", "{\n{\n")]);
    let table = "train = 'a'\nformat = 'jsonl'\non_bad_row = 'skip'";
    let error = folder
        .read(table, Split::Train, &[ask("y", Label)])
        .unwrap_err();
    assert!(matches!(error, DataError::EmptyFile { .. }), "{error}");
}

#[test]
fn rows_of_a_file_that_splits_are_cut_from_count_once() {
    let rows: String = (0..40)
        .map(|row| match row % 10 {
            3 => "{\n".to_owned(),
            7 => format!("{{\"text\": \"t{row}\", \"y\": \"many\"}}\n"),
            _ => format!("{{\"text\": \"t{row}\", \"y\": {row}}}\n"),
        })
        .collect();
    let folder = Folder::new(&[("a", &rows)]);
    let table = "train = 'a'\nformat = 'jsonl'\non_bad_row = 'skip'\ndev_fraction = 0.3\ntest_fraction = 0.2";
    let requests: [TaskField; 1] = [ask("y", Numbers)];
    let splits: Vec<SplitData> = Split::ALL
        .iter()
        .map(|&split| folder.read(table, split, &requests).unwrap())
        .collect();
    let bad: usize = splits.iter().map(|data| data.report.bad_rows).sum();
    let good: usize = splits.iter().map(|data| data.examples.len()).sum();
    assert_eq!((bad, good), (8, 32));
    assert!(
        splits[0].report.bad_rows >= 4,
        "lines that are no JSON are training's"
    );
}

#[test]
fn a_bad_row_of_a_joined_file_leaves_its_partner_without_a_label() {
    let folder = Folder::new(&[
        (
            "a",
            "{\"text\": \"x\", \"id\": \"1\"}\n{\"text\": \"y\", \"id\": \"2\"}\n",
        ),
        (
            "b",
            "{\"id\": \"1\", \"y\": \"l\"}\n{\"id\": \"2\"\n{\"id\": \"1\", \"y\": \"m\"}\n",
        ),
    ]);
    let table = "train = 'a'\nformat = 'jsonl'\non_bad_row = 'skip'\n[[join]]\nformat = 'jsonl'\ntrain = 'b'\non = 'id'";
    let data = folder.train(table, &[ask("y", Label)]);
    assert_eq!(data.report.bad_rows, 2);
    assert_eq!(
        (data.report.joins[0].matched, data.report.joins[0].unmatched),
        (1, 1)
    );
    assert_eq!(data.examples.len(), 2);
}
