//! Words given as lists or cells, located in text, or split into characters.

use mtnet_data::TargetKind::Tags;

use crate::support::{Folder, ask, fixture, tags, target, text, words};

#[test]
fn a_list_of_words_is_joined_or_located() {
    let folder = Folder::new(&[(
        "a.jsonl",
        r#"{"raw": "Don't  go!", "tokens": ["Do", "n't", "go", "!"], "tags": ["A", "B", "C", "D"]}
{"raw": "other", "tokens": ["one", "two"], "tags": ["A", null]}
{"tokens": [], "tags": []}
{"tokens": ["x"], "tags": [null]}
"#,
    )]);
    let joined = folder.train(
        "format = 'jsonl'\ntrain = 'a.jsonl'\ntokens = 'tokens'",
        &[ask("tags", Tags)],
    );
    assert_eq!(text(&joined, 0), "Do n't go !");
    assert_eq!(
        (text(&joined, 2), target(&joined, 2, "tags")),
        ("", Some(&tags("")))
    );
    assert_eq!(target(&joined, 3, "tags"), None);
    let located = folder.train(
        "format = 'jsonl'\ntrain = 'a.jsonl'\ntokens = 'tokens'\ntext = 'raw'",
        &[ask("tags", Tags)],
    );
    assert_eq!(text(&located, 0), "Don't  go!");
    assert_eq!(words(&located, 0), ["Do", "n't", "go", "!"]);
    assert_eq!(
        (text(&located, 1), located.report.unlocated),
        ("one two", 1)
    );
}

#[test]
fn a_cell_of_words_and_tags_is_split_at_blanks() {
    let folder = Folder::new(&[("a.tsv", "words\tslots\n今天 会  下雨\tB-t O B-w\n")]);
    let data = folder.train(
        "format = 'tsv'\ntrain = 'a.tsv'\ntokens = 'words'\njoin_words = ''",
        &[ask("slots", Tags)],
    );
    assert_eq!(text(&data, 0), "今天会下雨");
    assert_eq!(words(&data, 0), ["今天", "会", "下雨"]);
    assert_eq!(target(&data, 0, "slots"), Some(&tags("B-t O B-w")));
}

#[test]
fn chinese_words_become_characters_with_extended_tags() {
    let table = "format = 'conll'\ncolumns = ['index', 'token', 'tag']\ntrain = 'zh.iob2'";
    let given = fixture(table, &[ask("tag", Tags)]);
    let split = fixture(
        &format!("{table}\nwords = 'characters'"),
        &[ask("tag", Tags)],
    );
    assert_eq!(words(&given, 0)[..3], ["婷婷", "向", "昏迷"]);
    assert_eq!(words(&split, 0)[..5], ["婷", "婷", "向", "昏", "迷"]);
    let characters: Vec<String> = text(&split, 0).chars().map(String::from).collect();
    assert_eq!(words(&split, 0), characters);
    let Some(mtnet_core::RawTarget::Tags(tags)) = target(&split, 1, "tag") else {
        panic!("tags expected");
    };
    let entities: Vec<(&str, &str)> = words(&split, 1)
        .into_iter()
        .zip(tags.iter().map(String::as_str))
        .filter(|(_, tag)| *tag != "O")
        .collect();
    assert_eq!(
        entities,
        [
            ("中", "B-ORG"),
            ("视", "I-ORG"),
            ("王", "B-PER"),
            ("世", "I-PER"),
            ("纲", "I-PER")
        ]
    );
}

#[test]
fn tags_of_characters_fit_words_of_characters() {
    let folder = Folder::new(&[(
        "a.jsonl",
        r#"{"text": "今天下雨", "tags": ["B-t", "I-t", "B-w", "I-w"]}"#,
    )]);
    let data = folder.train(
        "format = 'jsonl'\ntrain = 'a.jsonl'\ntokens = 'text'\nwords = 'characters'",
        &[ask("tags", Tags)],
    );
    assert_eq!(words(&data, 0), ["今", "天", "下", "雨"]);
    assert_eq!(target(&data, 0, "tags"), Some(&tags("B-t I-t B-w I-w")));
}
