//! SIGTERM and SIGINT at the program: the step is finished, a checkpoint written, nothing lost.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread::sleep;
use std::time::Duration;

use mtnet::train::checkpoint::{LocalFiles, latest_valid};
use mtnet::train::events::{Event, read_events};
use mtnet_fuzz::figure;

use super::workplace::Workplace;

/// A run of many short steps, so that a signal falls between any two of them.
const SETTINGS: [&str; 5] = [
    "train.max_steps=300",
    "train.eval_strategy=no",
    "train.logging_steps=7",
    "train.save_steps=100",
    "train.batch_size=2",
];

fn start(workplace: &Workplace, args: &[&str]) -> Child {
    Command::new(env!("CARGO_BIN_EXE_mtnet"))
        .args(args)
        .current_dir(workplace.path("."))
        .env_remove("MTNET_LOG")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts")
}

fn send(signal: &str, child: &Child) {
    let status = Command::new("kill")
        .args([format!("-{signal}"), child.id().to_string()])
        .status();
    status.expect("a shell's kill");
}

/// Waits until the record holds a step of at least that number, or the program has ended.
fn wait_for_step(child: &mut Child, record: &Path, least: u64) {
    while child.try_wait().expect("a child").is_none() {
        let events = read_events(record).unwrap_or_default();
        if events.iter().any(|event| event.step() >= least) {
            return;
        }
        sleep(Duration::from_millis(2));
    }
}

fn end(child: Child) -> (ExitStatus, String) {
    let output = child.wait_with_output().expect("the program ends");
    let stderr = String::from_utf8(output.stderr).expect("text");
    (output.status, stderr)
}

/// The newest valid checkpoint, by folder and step.
fn newest(folder: &Path) -> (PathBuf, u64) {
    let found = latest_valid(&LocalFiles, folder).expect("a folder");
    assert!(found.damaged.is_empty(), "{:?}", found.damaged);
    let latest = found.latest.expect("a checkpoint");
    (latest.path().to_owned(), latest.step())
}

/// The record without checkpoints, which a stopped run has more of, and without the clock.
fn record(folder: &Path) -> Vec<Event> {
    let events = read_events(&folder.join("metrics.jsonl")).expect("a record");
    let timeless = events.into_iter().filter_map(|event| match event {
        Event::Checkpoint(_) => None,
        Event::Step(mut step) => {
            (step.seconds, step.tokens_per_second) = (0.0, 0.0);
            Some(Event::Step(step))
        }
        Event::Evaluation(mut evaluation) => {
            evaluation.seconds = 0.0;
            Some(Event::Evaluation(evaluation))
        }
        Event::RunEnd(mut end) => {
            end.seconds = 0.0;
            Some(Event::RunEnd(end))
        }
        other => Some(other),
    });
    timeless.collect()
}

#[test]
fn r04_a_signal_finishes_the_step_saves_and_the_run_goes_on_bit_for_bit() {
    let workplace = Workplace::new();
    let train = [&["train", "run.toml"][..], &SETTINGS].concat();
    workplace
        .mtnet(&[&train[..], &["--output", "whole"]].concat())
        .ok();
    let mut stops = 0;
    // Ten moments, of both signals.
    for (moment, least) in [1, 5, 20, 40, 70, 100, 130, 170, 200, 240]
        .into_iter()
        .enumerate()
    {
        let (signal, code) = [("TERM", 143), ("INT", 130)][moment % 2];
        let folder = workplace.path("stopped");
        let _ = fs::remove_dir_all(&folder);
        let args = [&train[..], &["--output", "stopped"]].concat();
        let mut child = start(&workplace, &args);
        wait_for_step(&mut child, &folder.join("metrics.jsonl"), least);
        send(signal, &child);
        let (status, stderr) = end(child);
        assert_eq!(status.code(), Some(code), "{stderr}");
        assert!(stderr.contains("--resume stopped"), "{stderr}");
        let (_, step) = newest(&folder);
        let events = read_events(&folder.join("metrics.jsonl")).expect("a record");
        let Some(Event::RunEnd(last)) = events.last() else {
            panic!("{:?}", events.last());
        };
        assert_eq!(last.step, step, "the checkpoint is of the last step");
        assert!(!folder.join("results.json").exists() && !folder.join("model").exists());

        workplace
            .mtnet(&[&["train", "--resume", "stopped"][..], &SETTINGS].concat())
            .ok();
        for file in ["model.safetensors", "optimizer.safetensors"] {
            let of = |run: &str| {
                let path = workplace.path(run).join("checkpoint-300").join(file);
                fs::read(path).expect("a file")
            };
            assert!(of("whole") == of("stopped"), "{file}, stopped at {step}");
        }
        assert_eq!(
            record(&folder),
            record(&workplace.path("whole")),
            "stopped at {step}"
        );
        stops += 1;
    }
    let text =
        format!("{stops} signals: code 130 or 143, a checkpoint of the last step, the same end");
    figure("R04", text);
}

#[test]
fn r04_a_second_signal_leaves_at_once_and_the_old_checkpoint_stays_whole() {
    let workplace = Workplace::new();
    // Steps of seconds, of which the second is not finished.
    let args = [
        "train",
        "run.toml",
        "train.gradient_accumulation_steps=3000",
        "train.max_steps=3",
        "train.save_steps=1",
        "train.eval_strategy=no",
        "--output",
        "run",
    ];
    let mut child = start(&workplace, &args);
    let folder = workplace.path("run");
    while !folder.join("checkpoint-1").exists() && child.try_wait().expect("a child").is_none() {
        sleep(Duration::from_millis(5));
    }
    send("INT", &child);
    sleep(Duration::from_millis(100));
    send("INT", &child);
    let (status, stderr) = end(child);
    assert_eq!(status.code(), Some(130), "{stderr}");
    assert_eq!(newest(&folder).1, 1);
    assert!(!stderr.contains("--resume"), "it ended in order: {stderr}");
    figure(
        "R04",
        "a second signal ends a step of seconds at once, the checkpoint before is whole",
    );
}
