//! Whole run files: what is read, what is filled in, and what is said of mistakes.

use std::path::{Path, PathBuf};

use super::*;

const RUN: &str = r#"[run]
name = "assistant"

[encoder]
preset = "mt-net-mini"

[train]
epochs = 2

[[dataset]]
name = "requests"
format = "jsonl"
train = "data/train.jsonl"
dev = ["data/dev-1.jsonl", "data/dev-2.jsonl"]

[[task]]
name = "intent"
dataset = "requests"
head = "classification"
label = "intent"

[[task]]
name = "slots"
dataset = "requests"
head = { type = "token-classification", dropout = 0.2 }
label = "slots"
"#;

fn parse(text: &str, overrides: &[&str]) -> Result<RunFile, String> {
    let overrides: Vec<String> = overrides.iter().map(|text| (*text).to_owned()).collect();
    RunFile::parse(text, Path::new("recipes/run.toml"), &overrides)
        .map_err(|error| error.to_string())
}

/// The message about [`RUN`] with `from` replaced by `to`.
fn mistake(from: &str, to: &str) -> String {
    assert!(RUN.contains(from), "{from}");
    parse(&RUN.replacen(from, to, 1), &[]).expect_err("a mistake")
}

#[test]
fn defaults_are_filled_in_and_the_rendered_file_says_the_same() {
    let run = parse(
        RUN,
        &[
            "train.learning_rate=3e-5",
            "task.intent.label=[\"a\", \"b\"]",
        ],
    )
    .unwrap();
    assert_eq!(run.base, Path::new("recipes"));
    assert_eq!(run.config.run.seed, 42);
    assert_eq!(run.config.train.epochs, 2.0);
    assert_eq!(run.config.train.optimizer.learning_rate, 3e-5);
    assert_eq!(run.config.task[0].label.as_slice().len(), 2);
    let text = run.render();
    assert!(
        text.contains("seed = 42") && text.contains("weight_decay = 0.01"),
        "{text}"
    );
    let again = parse(&text, &[]).unwrap();
    assert_eq!(again.config, run.config);
    assert_eq!(again.content_hash(), run.content_hash());
}

#[test]
fn a_byte_order_mark_and_windows_lines_are_read() {
    let text = format!("\u{feff}{}", RUN.replace('\n', "\r\n"));
    assert_eq!(
        parse(&text, &[]).unwrap().config,
        parse(RUN, &[]).unwrap().config
    );
}

#[test]
fn the_hash_is_of_what_the_weights_depend_on() {
    let hash = |overrides: &[&str]| parse(RUN, overrides).unwrap().content_hash();
    let plain = hash(&[]);
    for same in [
        "run.name=other",
        "run.output=x",
        "train.threads=2",
        "dataset.requests.train=/moved/train.jsonl",
    ] {
        assert_eq!(hash(&[same]), plain, "{same}");
    }
    for other in [
        "run.seed=1",
        "train.epochs=3",
        "train.learning_rate=1e-3",
        "dataset.requests.train=data/b.jsonl",
    ] {
        assert_ne!(hash(&[other]), plain, "{other}");
    }
}

#[test]
fn paths_become_absolute_from_the_run_files_folder() {
    let run = parse(RUN, &["run.output=out"])
        .unwrap()
        .with_absolute_paths()
        .unwrap();
    let base = std::path::absolute("recipes").unwrap();
    assert_eq!(run.base, base);
    assert_eq!(run.config.run.output, Some(base.join("out")));
    let files: Vec<PathBuf> = run.config.dataset[0]
        .dev
        .as_ref()
        .unwrap()
        .as_slice()
        .to_vec();
    assert_eq!(
        files,
        [base.join("data/dev-1.jsonl"), base.join("data/dev-2.jsonl")]
    );
}

#[test]
fn mistakes_are_shown_where_they_stand() {
    assert_eq!(
        mistake("epochs = 2", "epoch = 2"),
        "recipes/run.toml:8:1: unknown key `train.epoch`, did you mean `epochs`?\n  |\n8 | epoch = 2\n  | ^^^^^"
    );
    assert_eq!(
        mistake("epochs = 2", "learning_rate = \"fast\""),
        "recipes/run.toml:8:17: `train.learning_rate` is \"fast\", expected a number\n  \
         |\n8 | learning_rate = \"fast\"\n  |                 ^^^^^^"
    );
    assert_eq!(
        parse(RUN, &["train.epochs=-1"]).unwrap_err(),
        "override `train.epochs=-1`: `train.epochs` is -1, expected a number above 0"
    );
}

#[test]
fn every_kind_of_mistake_has_its_message() {
    for (from, to, expected) in [
        ("[run]", "[run", "recipes/run.toml:1:5: not valid TOML: "),
        (
            "name = \"assistant\"",
            "name = \"a/b\"",
            "`run.name` is \"a/b\", expected a name for a folder",
        ),
        (
            "name = \"assistant\"\n",
            "",
            "missing key `run.name`: name of the run; its folder is",
        ),
        (
            "[run]\n",
            "[run]\ndevice = \"gpu\"\n",
            "`run.device` is \"gpu\", expected `cpu`",
        ),
        (
            "\"mt-net-mini\"",
            "\"mt-net-mni\"",
            "did you mean `mt-net-mini`?",
        ),
        (
            "preset = \"mt-net-mini\"",
            "",
            "in `[encoder]`: none of `from` and `preset` are given",
        ),
        (
            "epochs = 2",
            "batch_tokens = 8",
            "`train.batch_tokens` is 8, expected at least 16",
        ),
        (
            "epochs = 2",
            "batch_size = 0",
            "`train.batch_size` is 0, expected at least 1",
        ),
        ("epochs = 2", "adam_beta1 = 1.5", "in `[train]`: "),
        (
            "epochs = 2",
            "warmup_ratio = 2.0",
            "`warmup_ratio` is 2, expected a number in [0, 1]",
        ),
        (
            "epochs = 2",
            "metric_for_best_model = \"intnt\"",
            "did you mean `intent`?",
        ),
        (
            "epochs = 2",
            "eval_strategy = \"no\"\ntarget_metric = 0.9",
            "`train.target_metric`: no effect with",
        ),
        (
            "epochs = 2",
            "[balance]\nmethod = \"fixed\"\nweights = { intnt = 1 }",
            "did you mean `intent`?",
        ),
        (
            "epochs = 2",
            "[sampler]\ntemperature = 3.0",
            "sampler, key `temperature`",
        ),
        (
            "format = \"jsonl\"",
            "format = \"json\"",
            "`dataset.requests.format` is \"json\", expected `jsonl`",
        ),
        (
            "dev = [",
            "dev_fraction = 0.1\ndev = [",
            "data set `requests`, key `dev_fraction`",
        ),
        (
            "dataset = \"requests\"",
            "dataset = \"request\"",
            "did you mean `requests`?",
        ),
        (
            "dataset = \"requests\"",
            "dataset = []",
            "`task.intent.dataset` is an empty list",
        ),
        (
            "name = \"slots\"",
            "name = \"intent\"",
            "`intent` names two entries of `[[task]]`",
        ),
        (
            "name = \"slots\"",
            "name = \"the slots\"",
            "`task.the slots.name`: task name `the slots`: expected",
        ),
        (
            "label = \"slots\"",
            "label = \"slots\"\nlabels = [\"a\", \"a\"]",
            "`task.slots.labels`: label `a` given twice",
        ),
        (
            "label = \"slots\"",
            "label = \"slots\"\ntrain_examples = 0",
            "`task.slots.train_examples` is 0, expected at least 1",
        ),
        (
            "label = \"slots\"",
            "label = \"slots\"\ntrain_fraction = 1.5",
            "`task.slots.train_fraction` is 1.5, expected a number above 0 and at most 1",
        ),
        (
            "label = \"slots\"",
            "label = \"slots\"\ntrain_fraction = 0.5\ntrain_examples = 9",
            "not both",
        ),
        (
            "label = \"slots\"",
            "label = \"slots\"\nlearning_rate = -1.0",
            "`task.slots.learning_rate` is -1, expected a finite number, at least 0",
        ),
        (
            "label = \"slots\"",
            "label = \"slots\"\npatience = 0",
            "`task.slots.patience` is 0, expected at least 1",
        ),
        (
            "label = \"slots\"",
            "label = \"slots\"\nwake_up = 0.1",
            "`task.slots.wake_up` is 0.1, expected left out, or `patience` beside it",
        ),
        (
            "label = \"slots\"",
            "label = \"slots\"\nwarm_start = true",
            "`task.slots.warm_start` is true, expected false, or a model folder",
        ),
        (
            "head = \"classification\"\n",
            "",
            "missing key `task.intent.head`: its head",
        ),
        (
            "name = \"requests\"",
            "name = \"spare\"",
            "expected the data set `spare`",
        ),
    ] {
        let message = mistake(from, to);
        assert!(message.starts_with("recipes/run.toml:"), "{message}");
        assert!(message.contains(expected), "{to}:\n{message}");
    }
    let unused =
        format!("{RUN}[[dataset]]\nname = \"spare\"\nformat = \"csv\"\ntrain = \"x.csv\"\n");
    let message = parse(&unused, &[]).unwrap_err();
    assert!(
        message.contains(":27:1: no task uses data set `spare`"),
        "{message}"
    );
}

#[test]
fn files_and_heads_are_looked_for_when_asked() {
    let run = RunFile::parse(RUN, Path::new("nowhere/run.toml"), &[]).unwrap();
    let message = run.check_files().unwrap_err().to_string();
    let path = Path::new("nowhere").join("data/train.jsonl");
    let expected = format!(
        "nowhere/run.toml:13:9: `dataset.requests.train`: there is no file {}",
        path.display()
    );
    assert!(message.starts_with(&expected), "{message}");

    let text = RUN.replace("\"classification\"", "\"classificaton\"");
    let run = parse(&text, &[]).unwrap();
    let message = run
        .check_heads(&HeadRegistry::default())
        .unwrap_err()
        .to_string();
    assert!(
        message.contains(":19:8: task `intent`: unknown head `classificaton`"),
        "{message}"
    );

    let missing = RunFile::load(Path::new("nowhere/run.toml"), &[]).unwrap_err();
    assert_eq!(
        missing.to_string(),
        "nowhere/run.toml: cannot read the run file"
    );
    assert!(std::error::Error::source(&missing).is_some());
}

#[test]
fn a_program_can_put_a_run_together() {
    let config = parse(RUN, &[]).unwrap().config;
    let run = RunFile::new(config.clone(), "data".into()).unwrap();
    assert_eq!(run.resolve(Path::new("x.jsonl")), Path::new("data/x.jsonl"));
    let mut wrong = config;
    wrong.train.epochs = f64::NAN;
    let error = RunFile::new(wrong, "data".into()).unwrap_err();
    assert_eq!(
        error.to_string(),
        "`train.epochs` is NaN, expected a number above 0"
    );
}
