//! Questions and answers: SQuAD files, columns, and answers that are not where they say.

use mtnet_core::{RawTarget, Split, Target};
use mtnet_data::TargetKind::Spans;
use mtnet_data::{LabelOptions, TargetStats, TaskSchemas, encode_targets};
use serde_json::{Value, json};

use crate::support::{Folder, ask_all, task};

const TABLE: &str = "format = 'squad'\ntrain = 'a.json'";

fn document(questions: Value) -> Value {
    json!({"version": "1.1", "data": [
        {"title": "Normans", "paragraphs": [
            {"context": "Rollo 👍🏽 ruled in Rouen.", "qas": questions},
        ]},
    ]})
}

fn question(id: &str, answers: Value) -> Value {
    json!({"id": id, "question": "Who ruled?", "answers": answers})
}

fn read(document: &Value, policy: &str) -> Result<mtnet_data::SplitData, String> {
    let folder = Folder::new(&[("a.json", &document.to_string())]);
    let table = format!("{TABLE}\non_bad_row = {policy}");
    let requests = [ask_all(&["answer", "answer_start"], Spans)];
    let data = folder.read(&table, Split::Train, &requests);
    data.map_err(|error| folder.message(&error))
}

#[test]
fn questions_become_pairs_with_places_in_bytes() {
    let document = document(json!([
        question("q1", json!([
            {"text": "Rollo", "answer_start": 0},
            // Two characters of an emoji lie before it.
            {"text": "Rouen", "answer_start": 18},
        ])),
        {"id": "q2", "question": "When?", "is_impossible": true, "answers": [],
         "plausible_answers": [{"text": "Rollo", "answer_start": 3}]},
        {"id": "q3", "question": "Why?"},
    ]));
    let data = read(&document, "'error'").unwrap();
    assert_eq!(data.ids, ["q1", "q2", "q3"].map(|id| Some(id.to_owned())));
    let example = &data.examples[0];
    assert_eq!(example.text.first().text(), "Who ruled?");
    let context = example.text.second().unwrap().text();
    let Some(RawTarget::Spans(answers)) = example.targets.get(&task("t")) else {
        panic!()
    };
    let found: Vec<&str> = answers
        .iter()
        .map(|place| &context[place.clone()])
        .collect();
    assert_eq!(found, ["Rollo", "Rouen"]);
    assert_eq!(
        data.examples[1].targets.get(&task("t")),
        Some(&RawTarget::Spans(vec![]))
    );
    assert_eq!(data.examples[2].targets.get(&task("t")), None);
    let stats = TargetStats::of(&data.examples, &task("t"));
    assert_eq!(
        (stats.labelled, stats.missing, stats.without_labels),
        (2, 1, 1)
    );

    let options = [(task("t"), LabelOptions::new(Spans))].into();
    let schemas = TaskSchemas::infer(&options, &[&data]).unwrap();
    let targets = encode_targets(&data, &schemas).unwrap();
    let Target::Spans { context, answers } = &targets[0][&task("t")] else {
        panic!()
    };
    assert_eq!(&context[answers[1].clone()], "Rouen");
}

#[test]
fn an_answer_that_is_not_there_is_told_with_its_place_and_the_remedy() {
    let off = |start: i64| {
        document(json!([question(
            "q9",
            json!([{"text": "Rouen", "answer_start": start}])
        )]))
    };
    assert_eq!(
        read(&off(16), "'error'").unwrap_err(),
        "a.json:1 (article 1 `Normans`, paragraph 1, question `q9`): answer 1 is `Rouen`, but at \
         character 16 the text reads `n Rou`; the nearest occurrence begins at 18; count Unicode \
         characters from 0, and keep blanks as they are"
    );
    for (answers, expected) in [
        (
            json!([{"text": "Paris", "answer_start": 0}]),
            "the text does not hold it anywhere",
        ),
        (
            json!([{"text": "Rouen", "answer_start": 999}]),
            "begins at 18",
        ),
        (json!([{"text": "", "answer_start": 0}]), "answer 1 is ``"),
        (
            json!([{"text": "Rollo"}]),
            "answer 1 has no `text` with an `answer_start`",
        ),
        (
            json!([{"text": "Rollo", "answer_start": -1}]),
            "answer 1 has no `text`",
        ),
        (json!("Rollo"), "`answers` is a text, expected a list"),
        (json!([3]), "answer 1 has no `text`"),
    ] {
        let message = read(&document(json!([question("q", answers)])), "'error'").unwrap_err();
        assert!(message.contains(expected), "{message}");
        assert!(message.contains("question `q`"), "{message}");
    }
    let both = json!([{"question": "?", "is_impossible": true,
        "answers": [{"text": "Rollo", "answer_start": 0}]}]);
    let message = read(&document(both), "'error'").unwrap_err();
    assert!(
        message.contains("paragraph 1, question 1): `is_impossible` is true, but"),
        "{message}"
    );
}

#[test]
fn bad_questions_are_left_out_where_the_run_file_says_so() {
    let good = |id: &str| question(id, json!([{"text": "Rollo", "answer_start": 0}]));
    let document = json!({"data": [
        {"paragraphs": [
            {"context": "Rollo ruled.", "qas": [good("a"), {"id": "b"}, 7, good("c")]},
            {"context": 5, "qas": [good("d")]},
            {"context": "Rollo", "qas": [question("e", json!([{"text": "x", "answer_start": 0}]))]},
        ]},
        {"title": "no paragraphs"},
        {"paragraphs": [{"context": "Rollo", "qas": [good("f")]}]},
    ]});
    let data = read(&document, "'skip'").unwrap();
    let ids: Vec<&str> = data.ids.iter().flatten().map(String::as_str).collect();
    assert_eq!(ids, ["a", "c", "f"]);
    assert_eq!(data.report.bad_rows, 5, "{:?}", data.report.first_bad_rows);
    assert!(data.report.first_bad_rows[2].contains("(article 1, paragraph 2): no `context`"));
    assert!(
        read(&document, "{ limit = 4 }")
            .unwrap_err()
            .starts_with("more than 4 bad rows")
    );
}

#[test]
fn what_is_no_squad_file_says_what_one_looks_like() {
    for (content, expected) in [
        (
            "{\"text\": \"a\"}\n{\"text\": \"b\"}\n",
            "a.json:2: not JSON at column 1: trailing characters",
        ),
        ("[1]", "found a list, expected {\"data\": [{\"paragraphs\""),
        ("{\"date\": []}", "found no `data`"),
        ("{\"data\": {}}", "found `data` is an object"),
        (
            "{\"data\": []}",
            "holds no example, expected articles with paragraphs with questions",
        ),
    ] {
        let folder = Folder::new(&[("a.json", content)]);
        let requests = [ask_all(&["answer", "answer_start"], Spans)];
        let error = folder.read(TABLE, Split::Train, &requests).unwrap_err();
        let message = folder.message(&error);
        assert!(message.contains(expected), "{content}: {message}");
    }
}

#[test]
fn columns_give_the_same_and_a_text_alone_is_refused() {
    let table = "format = 'jsonl'\ntrain = 'a'\ntext = 'question'\ntext_b = 'context'";
    let requests = [ask_all(&["answer", "answer_start"], Spans)];
    let rows = "{\"question\": \"Who?\", \"context\": \"Ha Rollo\", \"answer\": \"Rollo\", \"answer_start\": 3}\n\
                {\"question\": \"Who?\", \"context\": \"Rollo\", \"answer\": [], \"answer_start\": []}\n\
                {\"question\": \"Who?\", \"context\": \"Rollo\", \"answer\": null, \"answer_start\": null}\n";
    let folder = Folder::new(&[("a", rows)]);
    let data = folder.train(table, &requests);
    let target = |at: usize| data.examples[at].targets.get(&task("t"));
    #[expect(clippy::single_range_in_vec_init, reason = "one answer")]
    let expected = RawTarget::Spans(vec![3..8]);
    assert_eq!(target(0), Some(&expected));
    assert_eq!(target(1), Some(&RawTarget::Spans(vec![])));
    assert_eq!(target(2), None);

    let alone = folder.read(
        "format = 'jsonl'\ntrain = 'a'\ntext = 'question'",
        Split::Train,
        &requests,
    );
    let message = folder.message(&alone.unwrap_err());
    assert!(
        message.starts_with("a:1: task `t` looks for answers in the second text of a pair"),
        "{message}"
    );
    let one = folder
        .read(table, Split::Train, &[ask_all(&["answer"], Spans)])
        .unwrap_err();
    assert!(
        one.to_string().contains("names 1 field, expected two"),
        "{one}"
    );
    let rows = "{\"question\": \"Who?\", \"context\": \"Rollo\", \"answer\": [\"Rollo\"], \"answer_start\": [0, 1]}\n";
    folder.write("a", rows.as_bytes());
    let message = folder.message(&folder.read(table, Split::Train, &requests).unwrap_err());
    assert_eq!(
        message,
        "a:1: 1 answer but 2 numbers in `answer_start`, expected one an answer"
    );
    folder.write("a", rows.replace("[0, 1]", "[\"first\"]").as_bytes());
    let message = folder.message(&folder.read(table, Split::Train, &requests).unwrap_err());
    assert!(
        message.contains("is `first`, expected the number of the answer's first character"),
        "{message}"
    );
}
