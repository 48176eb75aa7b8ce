//! `extend` from outside: its tables, the model it leaves, curves, and mistakes.

use serde_json::Value;

use crate::workplace::{Workplace, model};

const MOODS: &str = "text\tmood
what fun\tgood
how dull\tbad
such fun\tgood
so dull\tbad
";

/// The new task of a run file beside the old ones.
const MOOD: &str = r#"
[[dataset]]
name = "moods"
format = "tsv"
train = "moods.tsv"
dev = "moods.tsv"
test = "moods.tsv"

[[task]]
name = "mood"
dataset = "moods"
head = "classification"
label = "mood"
"#;

fn workplace() -> Workplace {
    let workplace = Workplace::new();
    workplace.write("moods.tsv", MOODS);
    let run = crate::workplace::RUN;
    let tasks = run.find("[[dataset]]").expect("a data set");
    workplace.write("both.toml", format!("{}{MOOD}", &run[tasks..]));
    workplace.write("mood.toml", MOOD);
    workplace
}

/// The trained model, whose run folder is around it.
fn old() -> &'static str {
    model().to_str().expect("a path of letters")
}

const TASK: [&str; 10] = [
    "--task",
    "mood",
    "--head",
    "classification",
    "--label",
    "mood",
    "--train",
    "moods.tsv",
    "--dev",
    "moods.tsv",
];

#[test]
fn one_task_by_flags_makes_a_model_that_does_everything() {
    let workplace = workplace();
    let begin = [
        "extend",
        old(),
        "train.epochs=3",
        "--output",
        "out",
        "--test",
        "moods.tsv",
    ];
    let table = workplace.mtnet(&[&begin[..], &TASK].concat()).ok();
    for part in [
        "# Extended: mood",
        "`--train-only head`, nothing replayed",
        "| mood | accuracy | test | 4 | 50.0 |",
        "| intent | – |",
        "slots is as it was",
        "Model: out/model",
    ] {
        assert!(table.contains(part), "{part} in {table}");
    }

    // Old tasks answer the same, to the letter.
    let answers = |folder: &str| {
        let line = [
            "predict",
            folder,
            "--task",
            "intent",
            "--task",
            "slots",
            "play some Bach",
        ];
        workplace.mtnet(&line).ok()
    };
    assert_eq!(answers("out/model"), answers(old()));
    let line = workplace.mtnet(&["predict", "out/model", "what fun"]).ok();
    let answer: Value = serde_json::from_str(&line).expect("one line of JSON");
    for task in ["intent", "slots", "mood"] {
        assert!(answer.get(task).is_some(), "{task} in {line}");
    }
    let scores = workplace
        .mtnet(&[
            "eval",
            "out/model",
            "--data",
            "both.toml",
            "encoder.preset=mt-net-window",
            "run.name=x",
        ])
        .ok();
    assert!(
        scores.contains("mood") && scores.contains("slots"),
        "{scores}"
    );
    let export = [
        "export",
        "out/model",
        "--format",
        "onnx",
        "--output",
        "onnx",
    ];
    workplace.mtnet(&export).ok();
    assert!(workplace.path("onnx/model.onnx").is_file());
    let info = workplace.mtnet(&["info", "out/model"]).ok();
    assert!(info.contains("mood"), "{info}");

    let again = workplace.mtnet(&[&begin[..], &TASK].concat()).refused(2);
    assert!(again.contains("already holds an extended model"), "{again}");
}

#[test]
fn old_tasks_in_the_run_file_are_replayed_and_scored() {
    let workplace = workplace();
    let line = [
        "extend",
        old(),
        "both.toml",
        "train.epochs=2",
        "--replay",
        "0.5",
    ];
    let json = [
        &["--quiet", "--log-format", "json"][..],
        &line,
        &["--output", "out"],
    ]
    .concat();
    let value: Value = serde_json::from_str(&workplace.mtnet(&json).ok()).expect("JSON");
    let report = &value["extension"];
    assert_eq!(
        (&report["train_only"], &report["replay"]),
        (&"all".into(), &0.5.into())
    );
    let old = report["old"].as_array().expect("old tasks");
    assert!(
        old.iter()
            .all(|old| old["replayed"] == true && old["standing"].is_object())
    );
    assert!(workplace.path("out/extend.md").is_file());
    assert!(workplace.path("out/training/report.html").is_file());
}

#[test]
fn curves_are_drawn_and_kept() {
    let workplace = workplace();
    let line = [
        "extend",
        old(),
        "mood.toml",
        "--few-shot",
        "2,all",
        "--seeds",
        "2",
        "--min-steps",
        "4",
        "--output",
        "curve",
        "--resamples",
        "20",
    ];
    let table = workplace.mtnet(&line).ok();
    for part in [
        "# With few examples: mood",
        "Plain encoder: mt-net-window from scratch",
        "| examples | steps | multi-task | plain | gain |",
        "| 4 (all) |",
        "All numbers: curve/few-shot.json",
    ] {
        assert!(table.contains(part), "{part} in {table}");
    }
    let again = workplace.mtnet(&line);
    assert!(
        again.stderr.contains("[8/8]") && !again.stderr.contains("begins"),
        "{}",
        again.stderr
    );
}

#[test]
fn mistakes_are_told_with_what_to_do() {
    let workplace = workplace();
    let with_encoder = format!("[encoder]\npreset = \"mt-net-mini\"\n{MOOD}");
    workplace.write("stated.toml", with_encoder);
    let taken = [
        "--task",
        "intent",
        "--head",
        "classification",
        "--label",
        "mood",
        "--train",
        "moods.tsv",
    ];
    for (line, code, parts) in [
        (
            &["stated.toml"][..],
            2,
            &["stated.toml", "`encoder.preset`", "remove it"][..],
        ),
        (
            &["mood.toml", "--train-only", "body"],
            2,
            &["`head`, `top:N` or `all`"],
        ),
        (
            &["mood.toml", "--replay", "0.5"],
            2,
            &["--replay 0.5", "top:N"],
        ),
        (
            &["mood.toml", "--few-shot", "8,none"],
            2,
            &["none", "8,16,64,all"],
        ),
        (
            &["mood.toml", "--task", "mood"],
            2,
            &["mood.toml", "--task mood"],
        ),
        (
            &["--task", "mood", "--head", "classification"],
            2,
            &["--train", "training examples"],
        ),
        (&taken, 2, &["`intent`", "classification", "another name"]),
        (&["none.toml"], 2, &["none.toml"]),
    ] {
        let outcome = workplace.mtnet(&[&["extend", old()][..], line].concat());
        let message = outcome.stderr.clone();
        assert_eq!(outcome.code, code, "{message}");
        for part in parts {
            assert!(message.contains(part), "{part} in {message}");
        }
    }
    let missing = workplace
        .mtnet(&["extend", "nowhere", "mood.toml"])
        .refused(3);
    assert!(missing.contains("nowhere"), "{missing}");
    assert!(!workplace.path("runs").exists());
}
