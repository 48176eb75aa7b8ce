//! `tune` from outside: its table, its files, a kill, and going on.

use std::fs;
use std::thread::sleep;
use std::time::Duration;

use crate::workplace::{RUN, Workplace};

const TABLE: &str = r#"
[tune]
trials = 4
sampler = "random"

[tune.space]
"train.learning_rate" = { low = 1e-4, high = 1e-2, log = true }
"encoder.hidden_size" = { choices = [8, 16] }
"#;

const LINE: [&str; 4] = ["tune", "run.toml", "--output", "out"];

fn workplace(table: &str) -> Workplace {
    let workplace = Workplace::new();
    workplace.write("run.toml", format!("{RUN}{table}"));
    workplace
}

/// The journal without the clock.
fn journal(workplace: &Workplace, folder: &str) -> Vec<serde_json::Value> {
    let text = fs::read_to_string(workplace.path(folder).join("tune.jsonl")).expect("a journal");
    let line = |line: &str| {
        let mut line: serde_json::Value = serde_json::from_str(line).expect("a line");
        for clock in ["seconds", "elapsed"] {
            line.as_object_mut().expect("an object").remove(clock);
        }
        line
    };
    text.lines().map(line).collect()
}

#[test]
fn a_search_prints_its_best_and_its_run_file_trains() {
    let workplace = workplace(TABLE);
    let outcome = workplace.mtnet(&LINE);
    assert!(
        outcome
            .stderr
            .contains("trial 0 of 4 begins: encoder.hidden_size="),
        "{}",
        outcome.stderr
    );
    let table = outcome.ok();
    for part in [
        "# Settings of tiny",
        "| trial | score | epochs |",
        "Best: trial ",
        "Test data, scored once",
    ] {
        assert!(table.contains(part), "{part} in {table}");
    }
    let again = workplace.mtnet(&LINE);
    assert!(
        again.stderr.contains("goes on with 4 trials"),
        "{}",
        again.stderr
    );
    assert!(!again.stderr.contains("begins"), "{}", again.stderr);
    assert_eq!(again.ok(), table);
    workplace
        .mtnet(&["train", "out/best.toml", "--output", "best"])
        .ok();
    assert!(workplace.path("best/model/tasks.json").is_file());
    let json = workplace.mtnet(&[&["--quiet", "--log-format", "json"][..], &LINE].concat());
    let value: serde_json::Value = serde_json::from_str(&json.ok()).expect("one line of JSON");
    assert_eq!(
        value["search"]["trials"].as_array().expect("trials").len(),
        4
    );
    // `train` itself does not mind the table.
    workplace
        .mtnet(&["train", "run.toml", "--output", "plain"])
        .ok();
}

#[cfg(unix)]
#[test]
fn a_killed_search_goes_on_and_ends_as_an_unbroken_one() {
    let workplace = workplace(TABLE);
    let line = |output| {
        [
            "tune",
            "run.toml",
            "--output",
            output,
            "train.max_steps=40",
            "train.save_steps=5",
        ]
    };
    workplace.mtnet(&line("whole")).ok();
    for lines in [2, 4, 6] {
        let mut child = workplace
            .command(&line("out"))
            .spawn()
            .expect("the program starts");
        let file = workplace.path("out/tune.jsonl");
        while child.try_wait().expect("a child").is_none()
            && fs::read_to_string(&file)
                .unwrap_or_default()
                .lines()
                .count()
                < lines
        {
            sleep(Duration::from_millis(2));
        }
        child.kill().expect("SIGKILL");
        child.wait().expect("its end");
    }
    workplace.mtnet(&line("out")).ok();
    assert_eq!(journal(&workplace, "out"), journal(&workplace, "whole"));
}

#[test]
fn another_search_and_bad_dimensions_are_refused() {
    let workplace = workplace(TABLE);
    workplace.mtnet(&LINE).ok();
    let other = workplace
        .mtnet(&[&LINE[..], &["tune.seed=7"]].concat())
        .refused(2);
    assert!(
        other.contains("out/tune.jsonl") && other.contains("seed (0 there, 7"),
        "{other}"
    );
    let bad = TABLE
        .replace("encoder.hidden_size", "encoder.hiden_size")
        .replace("low = 1e-4", "low = -1");
    workplace.write("run.toml", format!("{RUN}{bad}"));
    let message = workplace.mtnet(&LINE).refused(2);
    for part in [
        "did you mean `hidden_size`?",
        "expected above 0 with `log = true`",
        "run.toml:",
    ] {
        assert!(message.contains(part), "{part} in {message}");
    }
    workplace.write("run.toml", RUN);
    let none = workplace.mtnet(&LINE).refused(2);
    assert!(none.contains("there is no table `[tune]`"), "{none}");
}

#[cfg(unix)]
#[test]
fn a_signal_saves_and_the_same_command_goes_on() {
    let workplace = workplace(TABLE);
    let line = [
        "tune",
        "run.toml",
        "--output",
        "out",
        "train.max_steps=100000",
        "train.eval_strategy=steps",
    ];
    let mut child = workplace
        .command(&line)
        .spawn()
        .expect("the program starts");
    let record = workplace.path("out/trials/0000/metrics.jsonl");
    while child.try_wait().expect("a child").is_none()
        && !fs::read_to_string(&record)
            .unwrap_or_default()
            .contains("\"step\"")
    {
        sleep(Duration::from_millis(5));
    }
    let pid = child.id().to_string();
    std::process::Command::new("kill")
        .args(["-TERM", &pid])
        .status()
        .expect("a shell's kill");
    let output = child.wait_with_output().expect("its end");
    let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(143), "{stderr}");
    assert!(stderr.contains("the same command goes on"), "{stderr}");
    let trial = fs::read_dir(workplace.path("out/trials/0000"))
        .expect("a trial")
        .flatten();
    let mut names = trial.map(|entry| entry.file_name().to_string_lossy().into_owned());
    assert!(names.any(|name| name.starts_with("checkpoint-")));
}
