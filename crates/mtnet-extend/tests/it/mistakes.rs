//! What does not fit is told with a remedy, before anything is trained.

use mtnet_extend::{ExtendError, ExtendOptions, TaskFlags, TrainOnly};
use mtnet_train::trainer::Quiet;

use crate::workplace::{NEW, OLD, Workplace};

fn message(workplace: &Workplace, text: &str, change: impl Fn(&mut ExtendOptions)) -> String {
    let mut options = workplace.options("out");
    change(&mut options);
    let ended = workplace
        .run(text, &[])
        .and_then(|run| workplace.try_extend(&run, &options, &mut Quiet));
    assert!(!options.output.join("model").exists());
    ended.unwrap_err().to_string()
}

#[track_caller]
fn says(message: &str, parts: &[&str]) {
    for part in parts {
        assert!(message.contains(part), "{part} in {message}");
    }
}

#[test]
fn tasks_that_do_not_fit_are_named() {
    let workplace = Workplace::new();
    let as_is = |_: &mut ExtendOptions| {};
    says(
        &message(&workplace, OLD, as_is),
        &["intent, slots", "another name"],
    );
    let other_head = format!("{OLD}{NEW}").replacen(
        "head = \"classification\"",
        "head = { type = \"classification\", dropout = 0.5 }",
        1,
    );
    says(
        &message(&workplace, &other_head, as_is),
        &["task `intent`", "0.5", "another name"],
    );
    let other_labels = format!("{OLD}{NEW}").replacen(
        "label = \"intent\"",
        "label = \"intent\"\nlabels = [\"play\", \"sing\"]",
        1,
    );
    says(
        &message(&workplace, &other_labels, as_is),
        &["task `intent`", "`play`, `sing`", "`book`, `play`"],
    );
    // A label of the data that the model never saw.
    let requests = std::fs::read_to_string(workplace.path("requests.jsonl")).expect("a file");
    workplace.write(
        "requests.jsonl",
        &requests.replacen("\"book\", \"slots\"", "\"eat\", \"slots\"", 1),
    );
    says(
        &message(&workplace, &format!("{OLD}{NEW}"), as_is),
        &["requests.jsonl", "`eat`", "intent"],
    );
}

#[test]
fn options_that_do_not_fit_are_named() {
    let workplace = Workplace::new();
    let both = format!("{OLD}{NEW}");
    says(
        &message(&workplace, NEW, |options| options.replay = Some(0.5)),
        &["0.5", "head"],
    );
    says(
        &message(&workplace, NEW, |options| {
            options.replay = Some(0.5);
            options.train_only = Some(TrainOnly::All);
        }),
        &["no training data", "`[[dataset]]`"],
    );
    says(
        &message(&workplace, &both, |options| options.replay = Some(1.5)),
        &["1.5", "from 0 to 1"],
    );
    says(
        &message(&workplace, &both, |options| {
            options.train_only = Some(TrainOnly::Top(9))
        }),
        &["top:9", "layers"],
    );
    says(
        &message(&workplace, NEW, |options| {
            options.model = workplace.path("none")
        }),
        &["config.json"],
    );
}

#[test]
fn flags_make_the_run_file_that_they_mean() {
    let flags = TaskFlags {
        task: "mood".to_owned(),
        head: Some("classification".to_owned()),
        train: Some("moods.jsonl".into()),
        label: Some("mood".to_owned()),
        ..TaskFlags::default()
    };
    let workplace = Workplace::new();
    let run = workplace
        .run(&flags.to_toml().expect("a run file"), &[])
        .expect("a run");
    let dataset = &run.config.dataset[0];
    assert_eq!(
        (dataset.dev_fraction, dataset.has(mtnet_core::Split::Test)),
        (Some(0.2), false)
    );
    assert_eq!(run.config.task[0].name.as_str(), "mood");
    let report = workplace.extended(&run, &workplace.options("out"));
    assert_eq!(report.new[0].split, mtnet_core::Split::Dev);

    let without = |change: fn(&mut TaskFlags)| {
        let mut flags = flags.clone();
        change(&mut flags);
        flags.to_toml().unwrap_err().to_string()
    };
    says(
        &without(|flags| flags.head = None),
        &["`--head`", "regression"],
    );
    says(&without(|flags| flags.label = None), &["`--label`"]);
    says(&without(|flags| flags.train = None), &["`--train`"]);
    says(
        &without(|flags| flags.train = Some("moods.txt".into())),
        &["`--format`", "moods.txt"],
    );
}

#[test]
fn a_run_file_that_is_not_there_is_named() {
    let workplace = Workplace::new();
    let missing = workplace.load("none.toml").unwrap_err();
    assert!(matches!(missing, ExtendError::RunFile(_)), "{missing}");
    says(&missing.to_string(), &["none.toml"]);
}
