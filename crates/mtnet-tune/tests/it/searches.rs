//! Whole searches over a tiny run.

use std::fs;

use mtnet_train::run_file::RunFile;
use mtnet_tune::TuneReport;

use crate::workplace::{HALVING, TUNE, Workplace, began, checkpoints, models, timeless};

#[test]
fn a_search_finds_its_best_and_a_second_call_trains_nothing() {
    let workplace = Workplace::new(TUNE);
    let (report, events) = workplace.tuned("out", &[]);
    assert_eq!(began(&events).len(), 6);
    assert_eq!(
        (
            report.trials.len(),
            report.best.rung,
            report.objective.as_str()
        ),
        (6, 0, "mean")
    );
    let scores: Vec<f64> = report
        .trials
        .iter()
        .map(|trial| trial.scores[0].score)
        .collect();
    let best = scores.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    assert_eq!(report.best.score, best);
    assert_eq!(
        report.best.trial,
        scores.iter().position(|&score| score == best).unwrap()
    );
    assert!(
        report
            .trials
            .iter()
            .all(|trial| trial.scores[0].ended && trial.scores[0].epochs == 4.0)
    );
    assert!(report.best.test.is_some() && report.best.test_looks == 1);

    let output = workplace.path("out");
    assert_eq!((models(&output), checkpoints(&output)), (1, 0));
    assert!(output.join(&report.best.model).join("tasks.json").is_file());
    let table = workplace.read("out/tune.md");
    for part in [
        "| trial | score |",
        "encoder.hidden_size",
        "scored once after the choice",
    ] {
        assert!(table.contains(part), "{part} in {table}");
    }
    let read: TuneReport = serde_json::from_str(&workplace.read("out/tune.json")).unwrap();
    assert_eq!(read, report);

    let (again, events) = workplace.tuned("out", &[]);
    assert_eq!(began(&events), []);
    assert_eq!(timeless(again), timeless(report.clone()));
    // More trials go on where it ended, and the ones before stay as they are.
    let (more, events) = workplace.tuned("out", &["tune.trials=8"]);
    let numbers: Vec<usize> = began(&events).iter().map(|began| began.0).collect();
    assert_eq!(numbers, [6, 7]);
    assert_eq!(timeless(more).trials[..6], timeless(report).trials[..]);
}

#[test]
fn trials_never_score_the_test_data() {
    let workplace = Workplace::new(TUNE);
    let (report, _) = workplace.tuned("out", &["tune.trials=3"]);
    for number in 0..3 {
        let results = workplace.read(&format!("out/trials/{number:04}/results.json"));
        let results: serde_json::Value = serde_json::from_str(&results).unwrap();
        assert_eq!(results["test"], serde_json::json!({}), "{number}");
        assert!(results["dev"]["intent"]["accuracy"].is_number());
    }
    // Other test data changes neither trials nor winner.
    let other = Workplace::new(TUNE);
    other.write(
        "test.jsonl",
        &other
            .read("test.jsonl")
            .replace("\"intent\": \"play\"", "\"intent\": \"book\""),
    );
    let (found, _) = other.tuned("out", &["tune.trials=3"]);
    assert_eq!(
        timeless(found.clone()).trials,
        timeless(report.clone()).trials
    );
    assert_eq!(found.best.trial, report.best.trial);
    assert_ne!(found.best.test, report.best.test);
}

#[test]
fn best_toml_trains_the_winner_and_keeps_comments() {
    let workplace = Workplace::new(TUNE);
    let (report, _) = workplace.tuned(
        "out",
        &[
            "tune.trials=3",
            "train.weight_decay=0.02",
            "tune.objective=intent.macro_f1",
        ],
    );
    let text = workplace.read("out/best.toml");
    for part in [
        "# A comment that is kept.",
        "# from scratch",
        "# searched",
        "weight_decay = 0.02",
    ] {
        assert!(text.contains(part), "{part} in {text}");
    }
    assert!(!text.contains("[tune"), "{text}");
    let run = RunFile::load(&workplace.path("out/best.toml"), &[]).unwrap();
    run.check_files().unwrap();
    assert_eq!(run.config.train.metric_for_best_model, "intent.macro_f1");
    let rate = report.best.settings["train.learning_rate"].as_float();
    assert_eq!(Some(run.config.train.optimizer.learning_rate), rate);
    // The run that it describes is the trial, to the bit.
    let trial = format!("out/trials/{:04}/run.toml", report.best.trial);
    let trial = RunFile::load(&workplace.path(&trial), &[]).unwrap();
    assert_eq!(run.content_hash(), trial.content_hash());
}

#[test]
fn halving_lets_the_best_go_on_from_their_checkpoints() {
    let workplace = Workplace::new(HALVING);
    let (report, events) = workplace.tuned("out", &[]);
    assert_eq!(report.pauses, [2]);
    let first: Vec<f64> = report
        .trials
        .iter()
        .map(|trial| trial.scores[0].score)
        .collect();
    assert!(
        report
            .trials
            .iter()
            .all(|trial| trial.scores[0].epochs == 2.0 && !trial.scores[0].ended)
    );
    let went_on: Vec<usize> = (0..6)
        .filter(|&n| report.trials[n].scores.len() == 2)
        .collect();
    assert_eq!(went_on.len(), 3);
    let least = went_on
        .iter()
        .map(|&n| first[n])
        .fold(f64::INFINITY, f64::min);
    let left = (0..6).filter(|n| !went_on.contains(n));
    assert!(
        left.map(|n| first[n]).all(|score| score <= least),
        "{first:?} {went_on:?}"
    );
    let resumed: Vec<_> = began(&events)
        .into_iter()
        .filter(|began| began.1 == 1)
        .collect();
    assert!(
        resumed.len() == 3 && resumed.iter().all(|began| began.2),
        "{resumed:?}"
    );
    assert_eq!((models(&workplace.path("out")), report.best.rung), (1, 1));

    // Pausing changed no bit: the winner's own run file leaves the same weights.
    let best = Workplace::new(HALVING);
    let run = RunFile::load(&workplace.path("out/best.toml"), &[]).unwrap();
    let options = mtnet_train::trainer::TrainOptions {
        output: best.path("whole"),
        resume: false,
    };
    let registry = mtnet_heads::HeadRegistry::default();
    mtnet_train::trainer::train(&run, &options, &registry, &mut mtnet_train::trainer::Quiet)
        .unwrap();
    let ours = fs::read(
        workplace
            .path("out")
            .join(&report.best.model)
            .join("model.safetensors"),
    );
    let theirs = fs::read(best.path("whole/model/model.safetensors"));
    assert!(
        ours.unwrap() == theirs.unwrap(),
        "a paused run ends with other weights"
    );
}
