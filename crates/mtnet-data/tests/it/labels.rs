//! Label sets, unknown labels, tag notations, targets in columns.

use std::collections::BTreeMap;

use mtnet_core::{IGNORED_TAG, Split, Target};
use mtnet_data::TargetKind::{Label, Labels, Numbers, Tags};
use mtnet_data::{
    DataError, LabelOptions, LabelSource, SplitData, TagScheme, TargetKind, TaskSchemas,
    UnknownLabel, encode_targets,
};

use crate::support::{Folder, ask, schemas, task};

fn options(name: &str, options: LabelOptions) -> BTreeMap<mtnet_core::TaskName, LabelOptions> {
    BTreeMap::from([(task(name), options)])
}

fn names(schemas: &TaskSchemas, name: &str) -> Vec<String> {
    schemas
        .get(&task(name))
        .unwrap()
        .labels
        .as_ref()
        .unwrap()
        .names()
        .to_vec()
}

fn column(data: &SplitData, schemas: &TaskSchemas, name: &str) -> Vec<Option<Target>> {
    let mut targets = encode_targets(data, schemas).unwrap();
    targets
        .iter_mut()
        .map(|targets| targets.remove(&task(name)))
        .collect()
}

fn table(kind: TargetKind, labels: &[&str]) -> SplitData {
    let rows: String = labels.iter().map(|label| format!("t\t{label}\n")).collect();
    let folder = Folder::new(&[("a.tsv", &format!("text\ty\n{rows}"))]);
    folder.train(
        "format = 'tsv'\ntrain = 'a.tsv'\nlabel_separator = ','\ntokens = 'text'",
        &[ask("y", kind)],
    )
}

#[test]
fn labels_are_sorted_and_whole_numbers_by_value() {
    let data = table(Label, &["b", "a", "", "c", "a"]);
    let found = schemas(&[ask("y", Label)], &data).unwrap();
    assert_eq!(names(&found, "y"), ["a", "b", "c"]);
    let class = |index| Some(Target::Class(index));
    assert_eq!(
        column(&data, &found, "y"),
        [class(1), class(0), None, class(2), class(0)]
    );
    let data = table(Labels, &["27,3,3", "10", "-1"]);
    let found = schemas(&[ask("y", Labels)], &data).unwrap();
    assert_eq!(names(&found, "y"), ["-1", "3", "10", "27"]);
    assert_eq!(found.widths()[&task("y")], 4);
    assert_eq!(
        column(&data, &found, "y")[0],
        Some(Target::MultiLabel(vec![1, 3]))
    );
}

#[test]
fn numbers_are_as_wide_as_their_fields() {
    let folder = Folder::new(&[("a.csv", "text,a,b\nx,1,2.5\ny,,3\nz,,\n")]);
    let request = crate::support::ask_all(&["a", "b"], Numbers);
    let data = folder.train(
        "format = 'csv'\ntrain = 'a.csv'",
        std::slice::from_ref(&request),
    );
    let found = schemas(&[request], &data).unwrap();
    assert_eq!(found.widths()[&task("t")], 2);
    let targets = column(&data, &found, "t");
    assert_eq!(targets[0], Some(Target::Numbers(vec![1.0, 2.5])));
    let Some(Target::Numbers(second)) = &targets[1] else {
        panic!("numbers expected");
    };
    assert!(second[0].is_nan() && second[1] == 3.0);
    assert_eq!(targets[2], None);
}

#[test]
fn tags_put_outside_first_and_complete_entity_types() {
    let folder = Folder::new(&[("a.conll", "a B-Z\nb O\n\nc B-A\nd I-A\n")]);
    let data = folder.train("format = 'conll'\ntrain = 'a.conll'", &[ask("tag", Tags)]);
    let found = schemas(&[ask("tag", Tags)], &data).unwrap();
    assert_eq!(names(&found, "tag"), ["O", "B-A", "B-Z", "I-A", "I-Z"]);
    assert_eq!(found.get(&task("tag")).unwrap().scheme, TagScheme::Iob2);
    let folder = Folder::new(&[("a.conll", "a NOUN\nb ADJ\nc O\n")]);
    let data = folder.train("format = 'conll'\ntrain = 'a.conll'", &[ask("tag", Tags)]);
    let found = schemas(&[ask("tag", Tags)], &data).unwrap();
    assert_eq!(names(&found, "tag"), ["O", "ADJ", "NOUN"]);
    assert_eq!(found.get(&task("tag")).unwrap().scheme, TagScheme::Plain);
}

#[test]
fn a_notation_found_in_training_is_read_in_test() {
    let folder = Folder::new(&[
        ("a.conll", "a S-X\nb O\nc B-X\nd E-X\n"),
        ("b.conll", "a B-X\nb I-X\nc E-X\nd O\n"),
    ]);
    let files = "format = 'conll'\ntrain = 'a.conll'\ntest = 'b.conll'";
    let [train, test] = [Split::Train, Split::Test]
        .map(|split| folder.read(files, split, &[ask("tag", Tags)]).unwrap());
    let found = schemas(&[ask("tag", Tags)], &train).unwrap();
    assert_eq!(names(&found, "tag"), ["O", "B-X", "I-X"]);
    assert_eq!(
        column(&train, &found, "tag"),
        [Some(Target::Tags(vec![1, 0, 1, 2]))]
    );
    assert_eq!(
        column(&test, &found, "tag"),
        [Some(Target::Tags(vec![1, 2, 2, 0]))]
    );
    // As it is, on request.
    let plain = LabelOptions {
        scheme: TagScheme::Plain,
        ..LabelOptions::new(Tags)
    };
    let found = TaskSchemas::infer(&options("tag", plain), &[&train]).unwrap();
    assert_eq!(names(&found, "tag"), ["O", "B-X", "E-X", "S-X"]);
}

#[test]
fn given_labels_decide_whether_tags_are_converted() {
    let folder = Folder::new(&[("a.conll", "a S-X\nb O\nc S-X\n")]);
    let data = folder.train("format = 'conll'\ntrain = 'a.conll'", &[ask("tag", Tags)]);
    let with = |labels: &[&str]| {
        let given = LabelOptions {
            labels: LabelSource::Given(labels.iter().map(|&l| l.to_owned()).collect()),
            ..LabelOptions::new(Tags)
        };
        TaskSchemas::infer(&options("tag", given), &[&data]).unwrap()
    };
    // The order of a model's labels stays.
    let iob2 = with(&["O", "I-X", "B-X"]);
    assert_eq!(
        column(&data, &iob2, "tag"),
        [Some(Target::Tags(vec![2, 0, 2]))]
    );
    let bioes = with(&["B-X", "E-X", "I-X", "O", "S-X"]);
    assert_eq!(
        column(&data, &bioes, "tag"),
        [Some(Target::Tags(vec![4, 3, 4]))]
    );
}

#[test]
fn unknown_labels_are_errors_or_ignored_or_mapped() {
    let folder = Folder::new(&[
        (
            "a.jsonl",
            "{\"text\": \"a\", \"y\": \"sports\", \"ys\": [\"p\", \"q\"], \"tokens\": [\"a\", \"b\"], \"tags\": [\"N\", \"V\"]}\n{\"text\": \"a\", \"y\": \"other\"}\n",
        ),
        (
            "b.jsonl",
            "{\"text\": \"a\", \"y\": \"sport\", \"ys\": [\"z\", \"q\"], \"tokens\": [\"a\", \"b\"], \"tags\": [\"X\", \"V\"]}\n",
        ),
    ]);
    let files = "format = 'jsonl'\ntrain = 'a.jsonl'\ndev = 'b.jsonl'\n";
    let read = |name: &str, kind| {
        let tokens = if kind == Tags {
            "tokens = 'tokens'\nlimit = 1\n"
        } else {
            ""
        };
        [Split::Train, Split::Dev]
            .map(|split| folder.read(&format!("{files}{tokens}"), split, &[ask(name, kind)]))
    };
    let check = |name: &str, kind, unknown_label: UnknownLabel| {
        let [train, dev] = match kind {
            Tags => {
                folder.write(
                    "a.jsonl",
                    b"{\"y\": \"sports\", \"tokens\": [\"a\", \"b\"], \"tags\": [\"N\", \"V\"]}\n",
                );
                read(name, kind)
            }
            _ => read(name, kind),
        };
        let with = LabelOptions {
            unknown_label,
            ..LabelOptions::new(kind)
        };
        let found = TaskSchemas::infer(&options(name, with), &[&train.unwrap()]).unwrap();
        encode_targets(&dev.unwrap(), &found).map(|mut targets| targets[0].remove(&task(name)))
    };
    let error = check("y", Label, UnknownLabel::Error).unwrap_err();
    assert!(
        matches!(&error, DataError::UnknownLabel { label, place, .. } if label == "sport" && place.line == 1)
    );
    assert_eq!(check("y", Label, UnknownLabel::Ignore).unwrap(), None);
    let other = || UnknownLabel::MapTo("other".to_owned());
    assert_eq!(check("y", Label, other()).unwrap(), Some(Target::Class(0)));
    assert_eq!(
        check("ys", Labels, UnknownLabel::Ignore).unwrap(),
        Some(Target::MultiLabel(vec![1]))
    );
    assert_eq!(
        check("tags", Tags, UnknownLabel::Ignore).unwrap(),
        Some(Target::Tags(vec![IGNORED_TAG, 1]))
    );
    assert_eq!(
        check("tags", Tags, UnknownLabel::MapTo("N".to_owned())).unwrap(),
        Some(Target::Tags(vec![0, 1]))
    );
}

#[test]
fn a_word_without_a_tag_is_ignored() {
    let folder = Folder::new(&[("a.conll", "a\tN\nb\t\nc\tV\n")]);
    let data = folder.train("format = 'conll'\ntrain = 'a.conll'", &[ask("tag", Tags)]);
    let found = schemas(&[ask("tag", Tags)], &data).unwrap();
    assert_eq!(
        column(&data, &found, "tag"),
        [Some(Target::Tags(vec![0, IGNORED_TAG, 1]))]
    );
}

#[test]
fn several_data_sets_feed_one_task() {
    let first = table(Label, &["a", "c"]);
    let second = table(Label, &["b"]);
    let found =
        TaskSchemas::infer(&options("y", LabelOptions::new(Label)), &[&first, &second]).unwrap();
    assert_eq!(names(&found, "y"), ["a", "b", "c"]);
    assert_eq!(column(&second, &found, "y"), [Some(Target::Class(1))]);
}
