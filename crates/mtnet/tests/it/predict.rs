//! Answers for new text.

use serde_json::{Value, json};

use crate::workplace::{Outcome, Workplace, model};

fn predict(workplace: &Workplace, args: &[&str], input: &str) -> Outcome {
    let model = model().display().to_string();
    workplace.mtnet_reading(&[&["predict", &model], args].concat(), input)
}

fn lines(text: &str) -> Vec<Value> {
    text.lines()
        .map(|line| serde_json::from_str(line).expect("a line of JSON"))
        .collect()
}

#[test]
fn one_line_answers_every_task() {
    let workplace = Workplace::new();
    let answers = lines(&predict(&workplace, &["play Adele 👍🏽"], "").ok());
    assert_eq!(answers.len(), 1);
    let scores = answers[0]["intent"]["scores"].as_array().unwrap();
    assert_eq!(scores.len(), 2);
    assert_eq!(answers[0]["intent"]["label"], scores[0]["label"]);
    assert!(answers[0]["slots"]["entities"].is_array());

    let one = lines(&predict(&workplace, &["play Adele 👍🏽", "--task", "intent"], "").ok());
    assert_eq!(one, [json!({ "intent": answers[0]["intent"] })]);
    let pair = lines(
        &predict(
            &workplace,
            &["play", "--pair", "Adele", "--task", "intent"],
            "",
        )
        .ok(),
    );
    assert!(pair[0]["intent"]["label"].is_string());
}

#[test]
fn precisions_answer_nearly_the_same_and_others_are_refused() {
    let workplace = Workplace::new();
    workplace.change_run(
        "preset = \"mt-net-window\"",
        "preset = \"mt-net-mini\"\nhidden_size = 32",
    );
    let run = ["train", "run.toml", "--output", "run"];
    let trained = workplace.mtnet(&[&run[..], &["train.precision=bf16"]].concat());
    assert!(
        trained.stderr.contains("training in bf16: hardly faster"),
        "{}",
        trained.stderr
    );
    trained.ok();
    let info = std::fs::read(workplace.path("run/run.json")).unwrap();
    let info: Value = serde_json::from_slice(&info).unwrap();
    assert_eq!(info["precision"], "bf16");

    let answer = |precision: &str| {
        let line = ["predict", "run/model", "play", "--precision", precision];
        let outcome = workplace.mtnet(&line);
        let told = outcome.stderr.clone();
        (
            lines(&outcome.ok())[0]["intent"]["score"].as_f64().unwrap(),
            told,
        )
    };
    let (exact, told) = answer("f32");
    assert_eq!(told, "");
    for precision in ["bf16", "int8"] {
        let (found, _) = answer(precision);
        assert!(
            (found - exact).abs() < 0.02,
            "{precision}: {found}, {exact}"
        );
    }
    assert!(answer("bf16").1.contains("bf16 is hardly faster"));
    let line = [
        "eval",
        "run/model",
        "--data",
        "run.toml",
        "--precision",
        "int8",
    ];
    assert!(workplace.mtnet(&line).ok().contains("| intent |"));
    let told = workplace.mtnet(&["info"]).ok();
    assert!(told.contains("precision       f32\n"), "{told}");

    let fp16 = predict(&workplace, &["play", "--precision", "fp16"], "").refused(2);
    let expected = "unknown precision `fp16`, expected f32, bf16 or int8";
    assert!(fp16.contains(expected), "{fp16}");
    let window = predict(&workplace, &["play", "--precision", "int8"], "").refused(2);
    assert!(
        window.contains("mt-net-window encoders and other devices take f32 only"),
        "{window}"
    );
}

#[test]
fn files_are_answered_line_by_line_in_order() {
    let workplace = Workplace::new();
    // More than two chunks, so that order is kept across them.
    let mut input = String::new();
    for number in 0..600 {
        let text = if number % 2 == 0 {
            json!({ "id": number, "text": "play Adele" })
        } else {
            json!({ "tokens": ["book", "it"], "id": number, "more": 1 })
        };
        input.push_str(&format!("{text}\n\n"));
    }
    workplace.write("input.jsonl", &input);
    let answers = lines(&predict(&workplace, &["--input", "input.jsonl"], "").ok());
    let ids: Vec<u64> = answers
        .iter()
        .map(|answer| answer["id"].as_u64().unwrap())
        .collect();
    assert_eq!(ids, (0..600).collect::<Vec<_>>());
    assert_eq!(answers[0]["intent"], answers[598]["intent"]);
    // From standard input the same, byte by byte.
    let piped = predict(&workplace, &["--input", "-"], &input).ok();
    assert_eq!(lines(&piped), answers);

    workplace.write("input.txt", "\u{feff}play Adele\r\n\r\n{book");
    let texts = predict(&workplace, &["--input", "input.txt"], "").ok();
    assert_eq!(lines(&texts).len(), 3);
    let single = predict(&workplace, &["play Adele"], "").ok();
    assert_eq!(texts.lines().next(), single.lines().next());
}

#[test]
fn a_line_that_is_no_input_is_named_behind_the_answers_before_it() {
    let workplace = Workplace::new();
    for (line, expected) in [
        ("{\"text\": ", "input.jsonl:2: column 9: "),
        (
            "{\"txt\": \"a\"}",
            "input.jsonl:2: no `text` and no `tokens`; found `txt`",
        ),
        (
            "{\"text\": 3}",
            "input.jsonl:2: `text` is a number, expected a string",
        ),
        (
            "[\"a\"]",
            "input.jsonl:2: found a list, expected a string or an object with `text`",
        ),
    ] {
        workplace.write("input.jsonl", format!("\"play\"\n{line}\n\"book\"\n"));
        let outcome = predict(&workplace, &["--input", "input.jsonl"], "");
        assert_eq!(lines(&outcome.stdout).len(), 1);
        let message = outcome.refused(3);
        assert!(message.contains(expected), "{message}");
    }
    workplace.write("input.txt", b"play\n\xff\n");
    let message = predict(&workplace, &["--input", "input.txt"], "").refused(3);
    assert_eq!(message, "error: input.txt:2: byte 1 is not UTF-8");
    let message = predict(&workplace, &["--input", "gone.txt"], "").refused(3);
    assert!(
        message.starts_with("error: cannot read input file gone.txt: "),
        "{message}"
    );
}

#[test]
fn a_task_that_the_model_lacks_is_told_with_those_it_has() {
    let workplace = Workplace::new();
    let message = predict(&workplace, &["play", "--task", "intents"], "").refused(2);
    assert_eq!(
        message,
        "error: no task `intents` in this model; it has intent, slots"
    );
}
