//! Each format, as public data sets lay it out.

use mtnet_core::RawTarget;
use mtnet_data::TargetKind::{Label, Labels, Numbers, Tags};

use crate::support::{Folder, ask, ask_all, fixture, label, tags, target, text, words};

#[test]
fn conllu_words_lie_in_the_running_text() {
    let data = fixture(
        "format = 'conllu'\ntrain = 'ewt.conllu'",
        &[ask("upos", Tags), ask("xpos", Tags)],
    );
    assert_eq!(data.examples.len(), 5);
    assert_eq!(text(&data, 1), "There is a lot to learn about Chernobyl.");
    assert_eq!(
        words(&data, 1),
        [
            "There",
            "is",
            "a",
            "lot",
            "to",
            "learn",
            "about",
            "Chernobyl",
            "."
        ]
    );
    assert_eq!(
        target(&data, 1, "upos"),
        Some(&tags("PRON VERB DET NOUN PART VERB ADP PROPN PUNCT"))
    );
    assert_eq!(
        target(&data, 1, "xpos"),
        Some(&tags("EX VBZ DT NN TO VB IN NNP ."))
    );
    assert_eq!(data.report.unlocated, 0);
    assert_eq!(data.place(1).line, 10);
}

#[test]
fn conllu_ranges_and_empty_nodes_are_no_words() {
    let sentence = "\
# sent_id = fr-1
# text = Il va au lac.
1\tIl\til\tPRON\t_\tGender=Masc\t2\tnsubj\t_\tNER=O
2\tva\taller\tVERB\t_\t_\t0\troot\t_\tNER=O
2.1\tva\taller\tVERB\t_\t_\t_\t_\t_\t_
3-4\tau\t_\t_\t_\t_\t_\t_\t_\t_
3\tà\tà\tADP\t_\t_\t5\tcase\t_\t_
4\tle\tle\tDET\t_\tDefinite=Def\t5\tdet\t_\t_
5\tlac\tlac\tNOUN\t_\tGender=Masc\t2\tobl\t_\tNER=B-LOC|SpaceAfter=No
6\t.\t.\tPUNCT\t_\t_\t2\tpunct\t_\t_
";
    let folder = Folder::new(&[("a.conllu", sentence)]);
    let data = folder.train(
        "format = 'conllu'\ntrain = 'a.conllu'",
        &[
            ask("upos", Tags),
            ask("feats", Tags),
            ask("deprel", Tags),
            ask("NER", Tags),
            ask("xpos", Tags),
        ],
    );
    assert_eq!(words(&data, 0), ["Il", "va", "a", "u", "lac", "."]);
    assert_eq!(
        target(&data, 0, "upos"),
        Some(&tags("PRON VERB ADP DET NOUN PUNCT"))
    );
    assert_eq!(
        target(&data, 0, "feats"),
        Some(&tags("Gender=Masc _ _ Definite=Def Gender=Masc _"))
    );
    assert_eq!(
        target(&data, 0, "deprel"),
        Some(&tags("nsubj root case det obl punct"))
    );
    // A word without the key has no tag; a column without any value is no target.
    let ner = ["O", "O", "", "", "B-LOC", ""].map(str::to_owned).to_vec();
    assert_eq!(target(&data, 0, "NER"), Some(&RawTarget::Tags(ner)));
    assert_eq!(target(&data, 0, "xpos"), None);
    assert_eq!(data.report.missing[&crate::support::task("xpos")], 1);

    // Without the running text, SpaceAfter says where blanks stand.
    let untold = sentence.replace("# text = Il va au lac.\n", "");
    let folder = Folder::new(&[("a.conllu", &untold)]);
    let data = folder.train(
        "format = 'conllu'\ntrain = 'a.conllu'",
        &[ask("upos", Tags)],
    );
    assert_eq!(text(&data, 0), "Il va au lac.");
    let wrong = sentence.replace("Il va au lac.", "Elle va au lac.");
    let folder = Folder::new(&[("a.conllu", &wrong)]);
    let data = folder.train(
        "format = 'conllu'\ntrain = 'a.conllu'",
        &[ask("upos", Tags)],
    );
    assert_eq!(
        (text(&data, 0), data.report.unlocated),
        ("Il va au lac.", 1)
    );
}

#[test]
fn conll_comments_are_fields_and_tokens_lie_in_the_text() {
    let table = "format = 'conll'\ncolumns = ['index', 'token', 'intent', 'slot']\nid = 'id'\n";
    let data = fixture(
        &format!("{table}train = 'xsid.zh.conll'"),
        &[ask("intent", Label), ask("slot", Tags)],
    );
    assert_eq!(text(&data, 0), "今天会下雨吗？");
    assert_eq!(words(&data, 0), ["今天", "会", "下雨", "吗？"]);
    assert_eq!(target(&data, 0, "intent"), Some(&label("weather/find")));
    assert_eq!(
        target(&data, 0, "slot"),
        Some(&tags("B-datetime O B-weather/attribute O"))
    );
    assert_eq!(data.ids, [Some("1".to_owned()), Some("257".to_owned())]);
    // The second sentence tags a word without a character.
    assert_eq!(data.report.empty_words, 1);
    assert_eq!(words(&data, 1).len(), 11);

    let data = fixture(
        &format!("{table}train = 'xsid.ar.conll'"),
        &[ask("slot", Tags)],
    );
    assert_eq!(words(&data, 0), ["هل", "ستمطر", "اليوم", "؟"]);
    assert_eq!(data.report.unlocated, 0);
}

#[test]
fn conll_without_a_text_is_joined_and_hashtags_are_words() {
    let data = fixture(
        "format = 'conll'\ntrain = 'wnut17.conll'",
        &[ask("tag", Tags)],
    );
    assert_eq!(data.examples.len(), 1);
    assert!(text(&data, 0).starts_with("Pxleyes Top 50 Photography Contest"));
    assert_eq!(words(&data, 0).last(), Some(&"#photography"));
    let folder = Folder::new(&[(
        "a.txt",
        "-DOCSTART- -X- -X- O\n\n天 NN x O\n空 NN x B-X\n\n-DOCSTART- -X- -X- O\n海 NN x O\n",
    )]);
    let data = folder.train(
        "format = 'conll'\ntrain = 'a.txt'\njoin_words = ''",
        &[ask("tag", Tags), ask("1", Tags)],
    );
    assert_eq!((text(&data, 0), text(&data, 1)), ("天空", "海"));
    assert_eq!(target(&data, 0, "tag"), Some(&tags("O B-X")));
    assert_eq!(target(&data, 0, "1"), Some(&tags("NN NN")));
}

#[test]
fn csv_with_semicolons_joins_fields_of_a_label() {
    let data = fixture(
        "format = 'csv'\ndelimiter = ';'\ntext = 'answer_from_anno'\nid = 'answerid'\ntrain = 'hwu64.csv'",
        &[ask_all(&["scenario", "intent"], Label)],
    );
    assert_eq!(text(&data, 0), "thumbs up this song");
    assert_eq!(target(&data, 2, "t"), Some(&label("takeaway_query")));
    assert_eq!(data.ids[0].as_deref(), Some("21413"));
}

#[test]
fn csv_with_mark_and_windows_lines() {
    let data = fixture(
        "format = 'csv'\ntrain = 'banking77.csv'",
        &[ask("category", Label)],
    );
    assert_eq!(
        text(&data, 2),
        "How do I know if I will get my card, or if it is lost?"
    );
    assert_eq!(target(&data, 2, "category"), Some(&label("card_arrival")));
    let data = fixture(
        "format = 'csv'\ntext = 'reviewbody'\nid = 'index'\ntrain = 'asap.csv'",
        &[
            ask("star", Numbers),
            ask_all(&["dish_taste", "dish_look"], Numbers),
        ],
    );
    assert_eq!(data.ids[0].as_deref(), Some("39067"));
    assert_eq!(
        target(&data, 0, "star"),
        Some(&RawTarget::Numbers(vec![5.0]))
    );
    assert_eq!(
        target(&data, 0, "t"),
        Some(&RawTarget::Numbers(vec![1.0, 1.0]))
    );
}

#[test]
fn tsv_without_a_header_has_numbers_for_columns() {
    let table = "format = 'tsv'\nheader = false\ntext = 0\nid = 2\nlabel_separator = ','\ntrain = 'goemotions.tsv'";
    let data = fixture(table, &[ask("1", Labels)]);
    let expected = RawTarget::Labels(vec!["4".to_owned(), "27".to_owned()]);
    assert_eq!(target(&data, 0, "1"), Some(&expected));
    assert_eq!(data.ids[2].as_deref(), Some("eepig6r"));
    let named = table.replace("text = 0\nid = 2", "columns = ['text', 'emotions', '_']");
    let data = fixture(&named, &[ask("emotions", Labels)]);
    assert_eq!(target(&data, 0, "emotions"), Some(&expected));
}

#[test]
fn jsonl_takes_labels_as_they_come() {
    let folder = Folder::new(&[(
        "a.jsonl",
        r#"{"text": "a", "label": "x", "labels": ["p", "q"], "score": 1.5, "more": [1, null]}

{"text": "b", "label": 3, "labels": [], "score": "2"}
{"text": "c", "label": true, "labels": null, "score": null, "more": [null, null]}
{"text": "", "label": "", "labels": "p"}
"#,
    )]);
    let requests = [
        ask("label", Label),
        ask("labels", Labels),
        ask("score", Numbers),
        ask("more", Numbers),
    ];
    let data = folder.train("format = 'jsonl'\ntrain = 'a.jsonl'", &requests);
    let all = |name: &str| -> Vec<Option<RawTarget>> {
        (0..4)
            .map(|example| target(&data, example, name).cloned())
            .collect()
    };
    let labels = |names: &[&str]| RawTarget::Labels(names.iter().map(|&n| n.to_owned()).collect());
    assert_eq!(
        all("label"),
        [
            Some(label("x")),
            Some(label("3")),
            Some(label("true")),
            None
        ]
    );
    assert_eq!(
        all("labels"),
        [
            Some(labels(&["p", "q"])),
            Some(labels(&[])),
            None,
            Some(labels(&["p"]))
        ]
    );
    let numbers = |numbers: &[f64]| Some(RawTarget::Numbers(numbers.to_vec()));
    assert_eq!(all("score"), [numbers(&[1.5]), numbers(&[2.0]), None, None]);
    let Some(RawTarget::Numbers(more)) = &all("more")[0] else {
        panic!("numbers expected");
    };
    assert!(more[0] == 1.0 && more[1].is_nan());
    assert_eq!(all("more")[1..], [None, None, None]);
    assert_eq!(data.report.empty_texts, 1);
    let lines: Vec<usize> = data.examples.iter().map(|example| example.line).collect();
    assert_eq!(lines, [1, 3, 4, 5]);
    assert_eq!(data.report.missing[&crate::support::task("labels")], 1);
}

#[test]
fn truth_columns_are_labels_named_after_them() {
    let folder = Folder::new(&[(
        "a.csv",
        "text,toxic,rude\na,1,0\nb,false,True\nc,0,0\nd,,1\n",
    )]);
    let data = folder.train(
        "format = 'csv'\ntrain = 'a.csv'",
        &[ask_all(&["toxic", "rude"], Labels)],
    );
    let labels = |names: &[&str]| RawTarget::Labels(names.iter().map(|&n| n.to_owned()).collect());
    assert_eq!(target(&data, 0, "t"), Some(&labels(&["toxic"])));
    assert_eq!(target(&data, 1, "t"), Some(&labels(&["rude"])));
    assert_eq!(target(&data, 2, "t"), Some(&labels(&[])));
    assert_eq!(target(&data, 3, "t"), None);
}

#[test]
fn pairs_have_two_texts() {
    let folder = Folder::new(&[("a.tsv", "premise\thypothesis\tlabel\nA \"man\"\tHe\tyes\n")]);
    let data = folder.train(
        "format = 'tsv'\ntext = 'premise'\ntext_b = 'hypothesis'\ntrain = 'a.tsv'",
        &[ask("label", Label)],
    );
    assert_eq!(text(&data, 0), "A \"man\"");
    assert_eq!(data.examples[0].text.second().unwrap().text(), "He");
}
