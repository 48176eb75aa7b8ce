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

/// A file as `mtnet-compare` writes it, of two tasks and three methods.
fn compare_file() -> serde_json::Value {
    let estimate = |value: f64| json!({"value": value, "lower": value - 0.01, "upper": value + 0.01, "level": 0.95, "count": 2});
    let alone = |value: f64| json!({"value": value, "lower": null, "upper": null, "level": 0.95, "count": 1});
    let method = |name: &str, models: usize, parameters: u64| {
        json!({"name": name, "about": format!("about {name}"), "models": vec![["intent"]; models],
            "parameters": parameters, "seconds": 91.0, "steps": 400, "folders": [["runs/a"]],
            "delta_m": if name == "multi-task" { estimate(1.5) } else { json!(null) }, "delta_m_over_seeds": null})
    };
    json!({"format_version": 1, "run": "assistant", "seeds": [1, 2], "budget": "examples", "level": 0.95,
        "resamples": 1000,
        "methods": [method("multi-task", 1, 1300000), method("single-task", 2, 2600000), method("classical", 2, 5)],
        "tasks": [
            {"task": "intent", "metric": "accuracy", "unit": "fraction", "higher_is_better": true, "split": "test",
                "examples": 700, "majority": 0.1, "verdict": "gained", "sentence": "intent gained <5> points.",
                "methods": [
                    {"method": "multi-task", "scores": [0.91, 0.89], "mean": estimate(0.9), "gain": estimate(0.05),
                        "gain_over_seeds": null},
                    {"method": "single-task", "scores": [0.85, null], "mean": estimate(0.85), "gain": null,
                        "gain_over_seeds": null},
                    {"method": "classical", "scores": [0.8], "mean": alone(0.8), "gain": null,
                        "gain_over_seeds": null}]},
            {"task": "price", "metric": "rmse", "unit": "target", "higher_is_better": false, "split": "dev",
                "examples": 6, "majority": null, "verdict": "lost", "sentence": "price lost.",
                "methods": [{"method": "multi-task", "scores": [0.3, 0.3], "mean": estimate(0.3),
                    "gain": estimate(-0.02), "gain_over_seeds": null}]}],
        "overall": {"gained": 1, "lost": 1, "open": 0, "sentence": "One gained, one lost."},
        "inference": {"texts": 100, "repeats": 3, "multi_seconds": 0.0004, "single_seconds": 0.0011,
            "single_models": 2}})
}

#[test]
fn a_comparison_has_scores_gains_sentences_and_cost() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(
        folder.path().join("compare.json"),
        compare_file().to_string(),
    )
    .unwrap();
    let comparison = Comparison::open(folder.path()).unwrap();
    let page = runs_page(&[], Some(&comparison));
    html::check(&page);
    for part in [
        "Comparison on assistant",
        "Seeds 1, 2. Single-task models see as many examples of their task.",
        "One gained, one lost.",
        "0.9000 [0.8900, 0.9100]",
        ">0.8000<",
        "n gained\">+0.0500 [+0.0400, +0.0600]",
        "n lost\">−0.0200 [−0.0300, −0.0100]",
        "lower is better",
        "n gained\">+1.5000 % [+1.4900 %, +1.5100 %]",
        "intent gained &lt;5&gt; points.",
        "about multi-task",
        "1 min 31 s",
        "2,600,000",
        "0.40 s",
        "1.10 s",
    ] {
        assert!(page.contains(part), "`{part}` is missing");
    }
}

#[test]
fn advice_stands_with_what_came_of_it() {
    let folder = tempfile::tempdir().unwrap();
    let page_with = |advice: serde_json::Value| {
        let mut file = compare_file();
        file["advice"] = advice;
        let path = folder.path().join("compare.json");
        std::fs::write(&path, file.to_string()).unwrap();
        let page = runs_page(&[], Some(&Comparison::open(&path).unwrap()));
        html::check(&page);
        page
    };
    let proposal = |name: &str| {
        json!({"name": name, "changes": [format!("set.{name} = 1")], "evidence": [format!("{name} is seen.")],
            "support": 0.75, "files": []})
    };
    let mut advice = json!({"sentence": "One task loses.", "proposals": [proposal("a"), proposal("b"), proposal("c")],
        "losing": [{"task": "price", "gain": null, "sentence": "price is worse by 2 points."}]});
    let page = page_with(advice.clone());
    for part in [
        "Where a task loses",
        "One task loses.",
        "price is worse by 2 points.",
        "set.a = 1",
        "b is seen.",
        "75 %",
        "not tried",
    ] {
        assert!(page.contains(part), "`{part}` is missing");
    }
    advice["trial"] = json!({"seconds": 60.0, "chosen": "a", "sentence": "",
        "tried": [
            {"name": "a", "dev_gain": 2.5, "test_gain": {"value": 1.0, "lower": 0.5, "upper": 1.5}},
            {"name": "b", "dev_gain": null, "test_gain": {"value": -1.0, "lower": null, "upper": null}}],
        "left_out": [{"name": "c", "reason": "no time was left"}]});
    let page = page_with(advice);
    for part in [
        "a (chosen)",
        "+2.5000 %",
        "n gained\">+1.0000 % [+0.5000, +1.5000]",
        "−1.0000 %",
        "no time was left",
    ] {
        assert!(page.contains(part), "`{part}` is missing");
    }
    assert!(!page_with(serde_json::Value::Null).contains("Where a task loses"));
}

#[test]
fn a_file_that_is_no_comparison_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let mut newer = compare_file();
    newer["format_version"] = json!(9);
    for (text, reason) in [
        ("{}".to_owned(), "missing field"),
        (newer.to_string(), "format 9 found"),
    ] {
        std::fs::write(folder.path().join("compare.json"), text).unwrap();
        let error = Comparison::open(folder.path()).unwrap_err();
        let message = error.to_string();
        assert!(
            message.contains("compare.json") && message.contains("mtnet compare"),
            "{message}"
        );
        let source = std::error::Error::source(&error).unwrap().to_string();
        assert!(source.contains(reason), "{source}");
    }
}
