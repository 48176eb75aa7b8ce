//! Searches that are stopped, killed, out of time, or whose trials fail.

use std::fs;

use mtnet_train::trainer::StopToken;
use mtnet_tune::{TuneEnd, TuneError, TuneEvent, tune};

use crate::workplace::{HALVING, TUNE, Workplace, began, timeless};

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
    let error = workplace.stopped_by("out", &[]);
    assert!(
        matches!(error, TuneError::Trial { trial: 0, .. }),
        "{error}"
    );
    assert!(!workplace.read("out/tune.jsonl").contains("\"failed\""));
}

#[test]
fn a_budget_ends_the_search_with_what_it_has() {
    let workplace = Workplace::new(TUNE);
    let error = workplace.stopped_by("out", &["tune.budget=0.000000001s"]);
    assert!(matches!(error, TuneError::NoTime { .. }), "{error}");
    workplace.tuned("out", &["tune.trials=2"]);
    let (report, events) = workplace.tuned("out", &["tune.budget=0.000000001s"]);
    assert!(report.out_of_time && report.trials.len() == 2);
    assert_eq!(began(&events), []);
}

#[test]
fn two_searches_do_not_share_a_folder() {
    let workplace = Workplace::new(TUNE);
    let files = mtnet_train::checkpoint::LocalFiles;
    let _held = mtnet_train::checkpoint::RunLock::acquire(&files, &workplace.path("out")).unwrap();
    let error = workplace.stopped_by("out", &[]);
    assert!(matches!(error, TuneError::Checkpoint(_)), "{error}");
}
