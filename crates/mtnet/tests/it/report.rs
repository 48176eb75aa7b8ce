//! The page of a run, made by `train` and made again by `report`.

use std::fs;

use mtnet::report::read::RunRecord;

use crate::workplace::Workplace;

#[test]
fn training_leaves_a_page_and_report_makes_it_again() {
    let workplace = Workplace::new();
    let told = workplace
        .mtnet(&[
            "train",
            "run.toml",
            "--output",
            "runs/a",
            "train.report_to=[\"tensorboard\"]",
        ])
        .ok();
    assert!(told.contains("Report: runs/a/report.html"), "{told}");
    let page = fs::read_to_string(workplace.path("runs/a/report.html")).unwrap();
    for part in [
        "Confusion matrix of intent",
        "Entities of slots",
        "Reliability of slots",
        "Loss of intent",
    ] {
        assert!(page.contains(part), "`{part}` is missing");
    }
    let files = fs::read_dir(workplace.path("runs/a/tb")).unwrap().count();
    assert_eq!(files, 1);

    fs::remove_file(workplace.path("runs/a/report.html")).unwrap();
    workplace.mtnet(&["report", "runs/a"]).ok();
    assert_eq!(
        fs::read_to_string(workplace.path("runs/a/report.html")).unwrap(),
        page
    );
}

/// The reader of the report crate and the writer of the trainer are two: nothing may be lost.
#[test]
fn everything_that_a_run_writes_is_read() {
    let workplace = Workplace::new();
    workplace
        .mtnet(&[
            "train",
            "run.toml",
            "--output",
            "runs/a",
            "train.logging_steps=1",
        ])
        .ok();
    let run = RunRecord::open(&workplace.path("runs/a")).unwrap();
    assert!(
        run.notes.is_empty() && run.damaged.is_empty(),
        "{:?} {:?}",
        run.notes,
        run.damaged
    );
    assert_eq!((run.steps.len(), run.state.name()), (4, "finished"));
    assert_eq!(run.tasks(), ["intent", "slots"]);
    assert!(!run.balance.is_empty() && run.info.is_some() && run.settings.is_some());
    let results = run.results.as_ref().unwrap();
    assert_eq!(results.main_metric["slots"], "entity_f1");
    for predictions in &run.predictions {
        assert!(predictions.damaged.is_empty(), "{:?}", predictions.damaged);
        assert_eq!(predictions.tasks["intent"].len(), 4);
        assert_eq!(predictions.tasks["slots"].len(), 4);
    }
    assert_eq!(run.predictions.len(), 2);
    // What is counted from predictions is what the trainer scored.
    let test = &run.predictions[1];
    let confusion =
        mtnet::report::analysis::confusion(&test.header.columns["intent"], &test.tasks["intent"]);
    assert_eq!(
        confusion.unwrap().accuracy,
        results.test["intent"]["accuracy"]
    );
}

#[test]
fn predictions_can_be_left_out() {
    let workplace = Workplace::new();
    workplace
        .mtnet(&[
            "train",
            "run.toml",
            "--output",
            "runs/a",
            "train.save_predictions=false",
        ])
        .ok();
    assert!(!workplace.path("runs/a/predictions-test.jsonl").exists());
    let page = fs::read_to_string(workplace.path("runs/a/report.html")).unwrap();
    assert!(page.contains("kept no predictions"));
}

#[test]
fn several_runs_make_one_page() {
    let workplace = Workplace::new();
    for seed in ["1", "2"] {
        let (folder, seed) = (format!("runs/{seed}"), format!("run.seed={seed}"));
        workplace
            .mtnet(&["train", "run.toml", "--output", &folder, &seed])
            .ok();
    }
    let told = workplace.mtnet(&["report", "runs/1", "runs/2"]).ok();
    assert!(told.contains("Report: report.html"), "{told}");
    let page = fs::read_to_string(workplace.path("report.html")).unwrap();
    assert!(page.contains("2 runs") && page.contains(" ± "));
}

#[test]
fn what_is_no_run_is_told() {
    let workplace = Workplace::new();
    workplace.write("empty/readme.txt", "");
    let message = workplace.mtnet(&["report", "empty"]).refused(3);
    assert!(message.contains("empty: no run folder"), "{message}");
    workplace.write("c/compare.json", "{");
    let message = workplace.mtnet(&["report", "c"]).refused(3);
    assert!(message.contains("compare.json"), "{message}");
    workplace.mtnet(&["report"]).refused(2);
}

#[cfg(feature = "tui")]
#[test]
fn the_view_needs_a_terminal() {
    let workplace = Workplace::new();
    workplace.write("run/metrics.jsonl", "");
    for args in [
        &["report", "run", "--tui"][..],
        &["train", "run.toml", "--output", "other", "--tui"],
    ] {
        let message = workplace.mtnet(args).refused(2);
        assert!(message.contains("needs a terminal"), "{message}");
    }
    assert!(!workplace.path("other").exists());
}
