//! Several files about the same examples.

use mtnet_core::Split;
use mtnet_data::TargetKind::{Label, Tags};
use mtnet_data::{FileReport, sha256_file};

use crate::support::{Folder, ask, fixture, fixtures, label, schemas, tags, target, task};

const EWT: &str = "
format = 'conllu'
train = 'ewt.conllu'
[[join]]
format = 'conll'
columns = ['index', 'token', 'tag']
train = 'ewt.iob2'
on = 'sent_id'
[[join]]
format = 'tsv'
train = 'ewt.genre.tsv'
on = 'sent_id'
";

#[test]
fn layers_of_a_treebank_meet_on_the_sentence() {
    let requests = [ask("upos", Tags), ask("tag", Tags), ask("genre", Label)];
    let data = fixture(EWT, &requests);
    assert_eq!(
        target(&data, 1, "tag"),
        Some(&tags("O O O O O O O B-LOC O"))
    );
    assert_eq!(target(&data, 1, "genre"), Some(&label("weblog")));
    let lacking: Vec<usize> = (0..data.examples.len())
        .filter(|&example| target(&data, example, "tag").is_none())
        .collect();
    // One sentence has other words in the entity layer, one is not there.
    assert_eq!(lacking, [3, 4]);
    assert_eq!(data.report.missing[&task("tag")], 2);
    assert_eq!(data.report.missing[&task("upos")], 0);
    let ner = &data.report.joins[0];
    assert_eq!((ner.matched, ner.unmatched, ner.other_words), (4, 1, 1));
    let genre = &data.report.joins[1];
    assert_eq!(
        (genre.matched, genre.unmatched, genre.other_words),
        (5, 0, 0)
    );

    let files: Vec<&FileReport> = data.report.files.iter().collect();
    assert_eq!(files.len(), 3);
    assert_eq!(
        files[1].sha256,
        sha256_file(&fixtures().join("ewt.iob2")).unwrap()
    );
    // A label of a joined file is named where it stands.
    assert!(
        data.target_place(1, &task("tag"))
            .file
            .ends_with("ewt.iob2")
    );
    assert_eq!(data.target_place(1, &task("tag")).line, 10);
    assert_eq!(data.target_place(1, &task("genre")).line, 3);
    assert_eq!(
        schemas(&requests, &data)
            .unwrap()
            .get(&task("tag"))
            .unwrap()
            .labels
            .as_ref()
            .unwrap()
            .names(),
        ["O", "B-LOC", "I-LOC"]
    );
}

#[test]
fn own_fields_come_first_and_a_prefix_tells_others_apart() {
    let folder = Folder::new(&[
        ("a.tsv", "id\ttext\tlabel\n1\ta\town\n2\tb\town\n"),
        (
            "b.jsonl",
            "{\"id\": 2, \"label\": \"other\", \"extra\": \"x\"}\n",
        ),
    ]);
    let table = "format = 'tsv'\ntrain = 'a.tsv'\n[[join]]\nformat = 'jsonl'\ntrain = 'b.jsonl'\non = 'id'\n";
    let data = folder.train(table, &[ask("label", Label), ask("extra", Label)]);
    assert_eq!(target(&data, 1, "label"), Some(&label("own")));
    assert_eq!(target(&data, 0, "extra"), None);
    assert_eq!(target(&data, 1, "extra"), Some(&label("x")));
    let data = folder.train(
        &format!("{table}prefix = 'b_'"),
        &[ask("label", Label), ask("b_label", Label)],
    );
    assert_eq!(target(&data, 1, "label"), Some(&label("own")));
    assert_eq!(target(&data, 1, "b_label"), Some(&label("other")));
}

#[test]
fn a_join_without_a_file_for_a_split_leaves_its_labels_out() {
    let folder = Folder::new(&[
        ("a.tsv", "id\ttext\n1\ta\n"),
        ("b.tsv", "id\tlabel\n1\tx\n"),
    ]);
    let table = "format = 'tsv'\ntrain = 'a.tsv'\ndev = 'a.tsv'\n[[join]]\nformat = 'tsv'\ntrain = 'b.tsv'\non = 'id'\n";
    let requests = [ask("label", Label)];
    assert_eq!(
        folder.train(table, &requests).report.missing[&task("label")],
        0
    );
    let dev = folder.read(table, Split::Dev, &requests).unwrap();
    assert_eq!(dev.report.missing[&task("label")], 1);
    assert_eq!(dev.report.joins[0].unmatched, 1);
}
