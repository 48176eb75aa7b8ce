//! The page of a run, in all the states that a run can be left in.

use mtnet_report::read::{RunRecord, RunState};
use mtnet_report::{ReportError, run_page};
use serde_json::json;

use crate::folder::Folder;
use crate::html;

fn page(folder: &Folder) -> String {
    let page = run_page(&RunRecord::open(&folder.path()).expect("a run folder"));
    html::check(&page);
    page
}

#[track_caller]
fn holds(page: &str, parts: &[&str]) {
    for part in parts {
        assert!(page.contains(part), "`{part}` is missing");
    }
}

#[test]
fn a_finished_run_has_every_figure() {
    let page = page(&Folder::finished());
    holds(
        &page,
        &[
            ">finished<",
            "Main metric of each task on the development data",
            "Loss of intent over steps",
            "Learning rate.",
            "Cosines of pairs of tasks’ gradients",
            "intent · slots",
            "Confusion matrix of intent: 2 classes, accuracy 0.7500",
            "Entities of slots by what became of them",
            "Reliability of intent: expected calibration error",
            "Answers of mood against the truth",
            "accuracy of intent by length of the text",
            "F1 of intent by label",
            "Worst mistakes of intent",
            "0.95 sure",
            "off by 0.700",
            "slots makes 95 % of the gradient",
            "1,234,567",
            "data/train.jsonl",
            "undefined",
        ],
    );
    assert!(
        !page.contains("/some/where"),
        "a page does not tell whose machine it was"
    );
}

#[test]
fn texts_are_text() {
    let page = page(&Folder::finished());
    holds(
        &page,
        &["play &lt;script&gt;alert(1)&lt;/script&gt; &amp; more"],
    );
}

#[test]
fn an_unfinished_run_shows_what_there_is() {
    let page = page(&Folder::going_on(120));
    holds(
        &page,
        &[
            ">unfinished<",
            "It has done 120 of 400 steps",
            "--resume",
            "Main metric of each task",
            "Gradients of the shared encoder",
            "the test data is scored at the end alone",
        ],
    );
    assert!(!page.contains("Where each task fails"));
}

#[test]
fn a_run_that_diverged_or_failed_says_so() {
    let folder = Folder::going_on(120);
    folder.append(
        &json!({"event": "step", "step": 140, "loss": null, "task_losses": {"intent": null}}),
    );
    folder.append(
        &json!({"event": "alarm", "step": 140, "kind": "non_finite_loss", "task": "intent",
        "message": "loss of intent is no number"}),
    );
    // A step that was left out is no end yet.
    holds(
        &page(&folder),
        &[">unfinished<", "loss of intent is no number"],
    );
    for (reason, said) in [
        (
            "diverged",
            "The run diverged: a loss or gradient was no number. It has done 140 of 400 steps",
        ),
        (
            "failed",
            "The run ended by an error. It has done 140 of 400 steps",
        ),
        (
            "interrupted",
            "The run was interrupted. It has done 140 of 400 steps",
        ),
    ] {
        folder.append(&json!({"event": "run_end", "step": 140, "reason": reason, "seconds": 9.0}));
        holds(&page(&folder), &[&format!(">{reason}<"), said]);
    }
}

#[test]
fn what_a_run_went_back_on_is_void() {
    let folder = Folder::going_on(200);
    folder.append(&json!({"event": "alarm", "step": 200, "kind": "rolled_back", "message": "going back to step 100"}));
    folder.append(
        &json!({"event": "step", "step": 120, "loss": 9.0, "task_losses": {"intent": 9.0}}),
    );
    let run = RunRecord::open(&folder.path()).unwrap();
    let steps: Vec<u64> = run.steps.iter().map(|step| step.step).collect();
    assert_eq!(steps, [20, 40, 60, 80, 100, 120]);
    assert_eq!(
        (run.evaluations.len(), run.balance.len(), run.steps_done()),
        (1, 5, 120)
    );
    holds(&page(&folder), &["going back to step 100"]);
}

#[test]
fn an_empty_run_has_a_page() {
    let page = page(&Folder::empty());
    holds(&page, &[">unfinished<", "It has done no step yet"]);
    assert!(!page.contains("<svg"));
}

#[test]
fn damage_is_told_and_not_fatal() {
    let folder = Folder::finished();
    let log = folder.read("metrics.jsonl");
    let log = log.replacen("\"event\":\"step\"", "\"event\":\"st", 1);
    folder.write("metrics.jsonl", format!("{log}{{\"event\":\"step\",\"st"));
    folder.write("results.json", "{\"test\":");
    folder.write("run.toml", "[run\n");
    let predictions = folder.read("predictions-test.jsonl");
    folder.write(
        "predictions-test.jsonl",
        predictions.replacen("\"kind\":\"class\"", "\"kind\":\"klass\"", 1),
    );
    folder.write("predictions-dev.jsonl", "no header\n");
    let page = page(&folder);
    holds(
        &page,
        &[
            "metrics.jsonl:2: left out",
            "metrics.jsonl ends in the middle of a line",
            "results.json cannot be read",
            "run.toml cannot be read",
            "predictions-test.jsonl:2: left out",
            "predictions-dev.jsonl cannot be read: the first line is no header",
            "Confusion matrix of intent",
        ],
    );
}

#[test]
fn bytes_that_are_no_text_are_damage_too() {
    let folder = Folder::finished();
    let mut log = folder.read("metrics.jsonl").into_bytes();
    log.splice(0..4, [0xff, 0xfe, 0, b'{']);
    folder.write("metrics.jsonl", log);
    folder.write("run.json", [0xff, 0xfe]);
    // Without its first line a log does not tell the run's name: the folder does.
    holds(
        &page(&folder),
        &[
            "<h1>run<",
            "metrics.jsonl:1: left out",
            "run.json cannot be read",
        ],
    );
}

#[test]
fn what_is_no_run_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let error = RunRecord::open(folder.path()).unwrap_err();
    assert!(matches!(error, ReportError::NoRun { .. }));
    assert!(error.to_string().contains("runs/NAME"));
}

#[test]
fn a_held_lock_means_running() {
    let folder = Folder::going_on(60);
    let lock = std::fs::File::create(folder.path().join("run.lock")).unwrap();
    lock.lock().unwrap();
    assert_eq!(
        RunRecord::open(&folder.path()).unwrap().state,
        RunState::Running
    );
    holds(&page(&folder), &[">running<", "The run is going on"]);
}
