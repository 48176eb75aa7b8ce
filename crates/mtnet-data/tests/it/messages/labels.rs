//! Labels and targets that a task does not know.

use mtnet_core::Split;
use mtnet_data::TargetKind::{Label, Numbers, Tags};
use mtnet_data::{
    LabelOptions, LabelSource, TargetKind, TaskSchemas, UnknownLabel, encode_targets,
};

use super::{TSV, check_bytes};
use crate::support::{Folder, ask, ask_all, schemas, task};

#[test]
fn labels_that_training_never_saw() {
    let check = |train: &str, test: &str, kind: TargetKind, expected: &str| {
        let folder = Folder::new(&[("a.txt", train), ("b.txt", test)]);
        let table = "format = 'tsv'\ntokens = 'text'\ntrain = 'a.txt'\ntest = 'b.txt'";
        let [train, test] = [Split::Train, Split::Test]
            .map(|split| folder.read(table, split, &[ask("y", kind)]).unwrap());
        let error = schemas(&[ask("y", kind)], &train)
            .and_then(|schemas| encode_targets(&test, &schemas))
            .unwrap_err();
        assert_eq!(folder.message(&error), expected);
    };
    check(
        "text\ty\na\tsports\nb\ttravel\n",
        "text\ty\na\ttravel\nb\tsport\n",
        Label,
        "b.txt:3: task `y`: label `sport` is none of its 2 labels (did you mean `sports`?); correct it, list it under `labels`, or set `unknown_label`",
    );
    check(
        "text\ty\na\tsports\nb\ttravel\n",
        "text\ty\na\tmusic\n",
        Label,
        "b.txt:2: task `y`: label `music` is none of its 2 labels (`sports`, `travel`); correct it, list it under `labels`, or set `unknown_label`",
    );
    check(
        "text\ty\na b\tB-X I-X\n",
        "text\ty\na b\tO S-X\n",
        Tags,
        "b.txt:2: task `y`: word 2 has the tag `S-X`, which IOB2 does not allow (it has O, B-… and I-…); correct the tag or set `scheme`",
    );
    check(
        "text\ty\na\t\n",
        "text\ty\na\tx\n",
        Label,
        "task `y` has no label in its training data; check the name of its field, or remove the task",
    );
}

#[test]
fn label_lists_that_are_none() {
    let folder = Folder::new(&[("a.txt", "text\ty\na\tx\n")]);
    let data = folder.train("format = 'tsv'\ntrain = 'a.txt'", &[ask("y", Label)]);
    let check = |options: LabelOptions, expected: &str| {
        let error = TaskSchemas::infer(&[(task("y"), options)].into(), &[&data]).unwrap_err();
        assert_eq!(error.to_string(), expected);
    };
    let given = |labels: &[&str]| LabelOptions {
        labels: LabelSource::Given(labels.iter().map(|&label| label.to_owned()).collect()),
        ..LabelOptions::new(Label)
    };
    check(
        given(&[]),
        "task `y`: a label set needs at least one label, got none",
    );
    check(
        given(&["x", "x"]),
        "task `y`: label `x` given twice; labels of one set must differ",
    );
    check(
        LabelOptions {
            unknown_label: UnknownLabel::MapTo("other".to_owned()),
            ..given(&["x", "others"])
        },
        "task `y`: `unknown_label` maps to `other`, which is no label of the task (did you mean `others`?)",
    );
}

#[test]
fn targets_of_different_shapes() {
    let folder = Folder::new(&[(
        "a.txt",
        "{\"text\": \"a\", \"y\": [1, 2]}\n{\"text\": \"b\", \"y\": [1]}\n",
    )]);
    let data = folder.train("format = 'jsonl'\ntrain = 'a.txt'", &[ask("y", Numbers)]);
    let found = schemas(&[ask("y", Numbers)], &data).unwrap();
    assert_eq!(
        folder.message(&encode_targets(&data, &found).unwrap_err()),
        "a.txt:2: task `y`: found 1 number, expected 2 numbers, as in the task's other data"
    );
    check_bytes(
        TSV,
        b"text\ta\tb\nx\tO\tO\n",
        &[ask_all(&["a", "b"], Tags)],
        "data set `d`, key `label`: task `t` names 2 fields, expected one, which holds a tag for each word",
    );
}
