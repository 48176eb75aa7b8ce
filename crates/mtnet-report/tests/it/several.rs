//! Several runs and comparisons on one page.

use mtnet_report::comparison::Comparison;
use mtnet_report::read::RunRecord;
use mtnet_report::runs_page;
use serde_json::json;

use crate::folder::Folder;
use crate::html;

#[test]
fn seeds_are_one_method_and_settings_that_differ_are_told() {
    let folders = [
        Folder::variant(1, 1e-3, 0.80),
        Folder::variant(2, 1e-3, 0.82),
        Folder::variant(3, 1e-3, 0.84),
        Folder::variant(1, 5e-3, 0.70),
    ];
    let runs: Vec<RunRecord> = folders
        .iter()
        .map(|folder| RunRecord::open(&folder.path()).unwrap())
        .collect();
    let page = runs_page(&runs, None);
    html::check(&page);
    for part in [
        "4 runs",
        // Student's interval of three seeds: 4.3027 · 0.02 / √3.
        "0.8200 ± 0.0497",
        "train.learning_rate",
        "0.005",
        "run-1-0.005",
        "Main scores by task and method",
    ] {
        assert!(page.contains(part), "`{part}` is missing");
    }
    assert!(
        !page.contains("run.seed"),
        "seeds are no difference of methods"
    );
}

#[test]
fn a_comparison_has_scores_differences_sentences_and_cost() {
    let estimate =
        |value: f64| json!({"value": value, "lower": value - 0.01, "upper": value + 0.01});
    let text = json!({"run": "assistant", "baseline": "single-task", "protocol": "the same 4 epochs",
        "tasks": [{"name": "intent", "metric": "accuracy"}, {"name": "mood", "metric": "rmse", "lower_is_better": true}],
        "methods": [{"name": "multi-task", "parameters": 1300000, "training_seconds": 91.0, "inference_seconds": 0.4},
            {"name": "single-task", "parameters": 2600000}],
        "cells": [
            {"task": "intent", "method": "multi-task", "score": estimate(0.9), "delta": estimate(0.05),
                "seeds": [{"seed": 1, "score": 0.91}, {"seed": 2, "score": 0.89}]},
            {"task": "intent", "method": "single-task", "score": estimate(0.85)},
            {"task": "mood", "method": "multi-task", "score": estimate(0.3), "delta": estimate(0.02)}],
        "delta_m": [{"method": "multi-task", "delta": {"value": 0.01}}],
        "verdicts": [{"task": "intent", "gain": "gained", "text": "It gained <5> points."}]});
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("compare.json"), text.to_string()).unwrap();
    let comparison = Comparison::open(folder.path()).unwrap();
    let page = runs_page(&[], Some(&comparison));
    html::check(&page);
    for part in [
        "Comparison on assistant",
        "0.9000 [0.8900, 0.9100]",
        "+0.0500 [+0.0400, +0.0600]",
        "n gained",
        // A higher error is a loss.
        "n lost\">+0.0200",
        "lower is better",
        "Δm over all tasks",
        "It gained &lt;5&gt; points.",
        "1 min 31 s",
        "2,600,000",
        "the same 4 epochs",
    ] {
        assert!(page.contains(part), "`{part}` is missing");
    }
}

#[test]
fn a_file_that_is_no_comparison_is_named() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("compare.json"), "{}").unwrap();
    let error = Comparison::open(folder.path()).unwrap_err().to_string();
    assert!(
        error.contains("compare.json") && error.contains("mtnet compare"),
        "{error}"
    );
}
