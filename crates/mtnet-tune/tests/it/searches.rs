//! Whole searches over a tiny run.

use std::fs;
use std::path::Path;

use mtnet_train::run_file::RunFile;
use mtnet_train::trainer::StopToken;
use mtnet_tune::{TuneEnd, TuneError, TuneEvent, TuneReport, tune};

use crate::workplace::{TUNE, Workplace};

const HALVING: &str = r#"
[tune]
trials = 6
seed = 5
halving = { rungs = 2, reduction = 2 }

[tune.space]
"train.learning_rate" = { low = 1e-4, high = 1e-1, log = true }
"#;

fn began(events: &[TuneEvent]) -> Vec<(usize, usize, bool)> {
    let of = |event: &TuneEvent| match event {
        TuneEvent::Began {
            trial,
            rung,
            resumed,
            ..
        } => Some((*trial, *rung, *resumed)),
        _ => None,
    };
    events.iter().filter_map(of).collect()
}

/// The report without the clock.
fn timeless(mut report: TuneReport) -> TuneReport {
    report.seconds = 0.0;
    for trial in &mut report.trials {
        trial
            .scores
            .iter_mut()
            .for_each(|score| score.seconds = 0.0);
    }
    report
}

fn models(output: &Path) -> usize {
    let trials = fs::read_dir(output.join("trials")).expect("trials");
    trials
        .flatten()
        .filter(|trial| trial.path().join("model").is_dir())
        .count()
}

fn checkpoints(output: &Path) -> usize {
    let trials = fs::read_dir(output.join("trials")).expect("trials");
    let of = |trial: fs::DirEntry| {
        let files = fs::read_dir(trial.path()).expect("a trial").flatten();
        files
            .filter(|file| {
                file.file_name()
                    .to_string_lossy()
                    .starts_with("checkpoint-")
            })
            .count()
    };
    trials.flatten().map(of).sum()
}

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
    // Targets that no model is right about: whoever looked would score less.
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

#[test]
fn a_search_that_was_stopped_anywhere_ends_as_an_unbroken_one() {
    for table in [
        TUNE.replace("random", "tpe")
            .replace("trials = 6", "trials = 12"),
        HALVING.to_owned(),
    ] {
        let workplace = Workplace::new(&table);
        let (whole, _) = workplace.tuned("whole", &[]);
        let search = workplace.search(&[]).unwrap();
        let mut calls = 0;
        let report = loop {
            // Stops behind the second thing that each call hears of a trial.
            let stop = StopToken::new();
            let mut heard = 0;
            let end = tune(
                &search,
                &workplace.options("stopped"),
                &stop,
                &mut |event| {
                    if matches!(event, TuneEvent::Began { .. } | TuneEvent::Scored { .. }) {
                        heard += 1;
                        if heard == 2 + calls % 2 {
                            stop.ask();
                        }
                    }
                },
            );
            calls += 1;
            assert!(calls < 60, "it does not come to an end");
            match end.unwrap() {
                TuneEnd::Done(report) => break *report,
                TuneEnd::Stopped { .. } => {}
                other => panic!("{other:?}"),
            }
        };
        assert!(calls > 5, "{calls}");
        assert_eq!(timeless(report), timeless(whole));
        let one_line_each = workplace
            .read("stopped/tune.jsonl")
            .matches("\"scored\"")
            .count();
        assert_eq!(
            one_line_each,
            workplace
                .read("whole/tune.jsonl")
                .matches("\"scored\"")
                .count()
        );
    }
}

#[test]
fn a_kill_between_training_and_the_journal_trains_nothing_twice() {
    let workplace = Workplace::new(HALVING);
    let (whole, _) = workplace.tuned("out", &["tune.trials=2"]);
    // As if it had been killed before the last line of the first rung: weights are there.
    let journal = workplace.read("out/tune.jsonl");
    let paused = Workplace::new(HALVING);
    let search = paused.search(&["tune.trials=2"]).unwrap();
    let stop = StopToken::new();
    let end = tune(&search, &paused.options("out"), &stop, &mut |event| {
        if matches!(event, TuneEvent::Scored { trial: 0, .. }) {
            stop.ask();
        }
    });
    assert!(
        matches!(end, Ok(TuneEnd::Stopped { finished: 1 })),
        "{end:?}"
    );
    let lines: Vec<String> = paused
        .read("out/tune.jsonl")
        .lines()
        .map(str::to_owned)
        .collect();
    paused.write("out/tune.jsonl", &format!("{}\n", lines[..2].join("\n")));
    let record = paused.read("out/trials/0000/metrics.jsonl");
    let mut steps = Vec::new();
    let end = tune(
        &search,
        &paused.options("out"),
        &StopToken::new(),
        &mut |event| {
            if let TuneEvent::Scored {
                trial: 0, rung: 0, ..
            } = event
            {
                steps.push(
                    fs::read_to_string(paused.path("out/trials/0000/metrics.jsonl")).unwrap(),
                );
            }
        },
    );
    let Ok(TuneEnd::Done(report)) = end else {
        panic!("{end:?}");
    };
    assert_eq!(steps, [record], "the trial was trained again");
    assert_eq!(timeless(*report), timeless(whole));
    assert!(journal.contains("\"tested\""));
}

#[test]
fn trials_that_fail_are_told_and_do_not_stop_the_search() {
    let space = r#"
[tune]
trials = 4
sampler = "random"
[tune.space]
"train.learning_rate" = { choices = [1e-3, 1e30] }
"train.max_grad_norm" = { choices = [0, 1.0] }
"#;
    let workplace = Workplace::new(space);
    let (report, events) = workplace.tuned("out", &["monitor.rollbacks=0"]);
    let failed: Vec<usize> = (0..4)
        .filter(|&n| report.trials[n].failure.is_some())
        .collect();
    assert!(!failed.is_empty() && failed.len() < 4, "{failed:?}");
    let told = events
        .iter()
        .filter(|event| matches!(event, TuneEvent::Failed { .. }))
        .count();
    assert_eq!(told, failed.len());
    for &number in &failed {
        let trial = &report.trials[number];
        assert_eq!(trial.settings["train.learning_rate"].as_float(), Some(1e30));
        assert!(trial.scores.is_empty());
    }
    let table = workplace.read("out/tune.md");
    assert!(
        table.contains(&format!("trial {} failed: ", failed[0])),
        "{table}"
    );
    // Four settings are all that there are.
    let (_, events) = workplace.tuned("out", &["monitor.rollbacks=0", "tune.trials=9"]);
    assert_eq!(began(&events), []);
    assert!(
        matches!(events.last(), Some(TuneEvent::Ends(text)) if text.contains("all 4 settings"))
    );
}

#[test]
fn where_all_fail_the_commonest_reason_is_the_error() {
    let space = "\n[tune]\ntrials = 3\n[tune.space]\n\"train.learning_rate\" = { low = 1e29, high = 1e30 }\n";
    let workplace = Workplace::new(space);
    let search = workplace
        .search(&["train.max_grad_norm=0", "monitor.rollbacks=0"])
        .unwrap();
    let error = tune(
        &search,
        &workplace.options("out"),
        &StopToken::new(),
        &mut |_| {},
    )
    .unwrap_err();
    let TuneError::AllFailed { count, times, .. } = &error else {
        panic!("{error}");
    };
    assert!(*count == 3 && *times >= 1);
    assert!(error.to_string().contains("all 3 trials failed"), "{error}");
}

#[test]
fn what_stops_every_trial_stops_the_search() {
    let workplace = Workplace::new(TUNE);
    workplace.write("train.jsonl", "{\"tokens\": [\"x\"], \"intent\": 3\n");
    let search = workplace.search(&[]).unwrap();
    let error = tune(
        &search,
        &workplace.options("out"),
        &StopToken::new(),
        &mut |_| {},
    )
    .unwrap_err();
    assert!(
        matches!(error, TuneError::Trial { trial: 0, .. }),
        "{error}"
    );
    assert!(!workplace.read("out/tune.jsonl").contains("\"failed\""));
}

#[test]
fn a_budget_ends_the_search_with_what_it_has() {
    let workplace = Workplace::new(TUNE);
    let spent = workplace.search(&["tune.budget=0.000001s"]).unwrap();
    let error = tune(
        &spent,
        &workplace.options("out"),
        &StopToken::new(),
        &mut |_| {},
    )
    .unwrap_err();
    assert!(matches!(error, TuneError::NoTime { .. }), "{error}");
    workplace.tuned("out", &["tune.trials=2"]);
    let (report, events) = workplace.tuned("out", &["tune.budget=0.000001s"]);
    assert!(report.out_of_time && report.trials.len() == 2);
    assert_eq!(began(&events), []);
}

#[test]
fn two_searches_do_not_share_a_folder() {
    let workplace = Workplace::new(TUNE);
    let files = mtnet_train::checkpoint::LocalFiles;
    let _held = mtnet_train::checkpoint::RunLock::acquire(&files, &workplace.path("out")).unwrap();
    let search = workplace.search(&[]).unwrap();
    let error = tune(
        &search,
        &workplace.options("out"),
        &StopToken::new(),
        &mut |_| {},
    )
    .unwrap_err();
    assert!(matches!(error, TuneError::Checkpoint(_)), "{error}");
}
