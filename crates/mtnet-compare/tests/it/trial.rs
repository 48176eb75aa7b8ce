//! Proposals that are tried: what chooses, what is told, and what time does.

use std::collections::BTreeMap;
use std::fs;
use std::time::Duration;

use mtnet_compare::{CompareEvent, CompareOptions, TrialOptions, compare};

use crate::losing::{advice, losing, options};
use crate::workplace::{begun, compared};

#[test]
fn the_development_data_chooses_and_the_test_data_is_told() {
    let workplace = losing();
    let run = workplace.run(&[]);
    let first = options(&workplace);
    let all = CompareOptions {
        trial: Some(TrialOptions {
            proposals: None,
            time: Duration::from_secs(3600),
        }),
        ..first.clone()
    };
    let (report, _) = compared(&run, &all);
    let found = advice(&report);
    let trial = found.trial.as_ref().expect("a trial");
    assert!(trial.left_out.is_empty(), "{:?}", trial.left_out);
    assert_eq!(trial.tried.len(), found.proposals.len());
    for tried in &trial.tried {
        let method = report
            .methods
            .iter()
            .find(|method| method.name == tried.name);
        let method = method.expect("a system of the table");
        // From the scores that the runs themselves left on development data.
        let dev = |folders: &Vec<Vec<String>>| -> Vec<BTreeMap<String, BTreeMap<String, f64>>> {
            let of_seed = folders.iter().map(|parts| {
                let mut all = BTreeMap::new();
                for part in parts {
                    let scores = development_scores(&results_file(&first, part));
                    all.extend(scores);
                }
                all
            });
            of_seed.collect()
        };
        let (ours, theirs) = (dev(&method.folders), dev(&report.methods[0].folders));
        let mut gains = Vec::new();
        for (ours, theirs) in ours.iter().zip(&theirs) {
            for task in &report.tasks {
                let of = |scores: &BTreeMap<String, BTreeMap<String, f64>>| {
                    scores[task.task.as_str()][&task.metric]
                };
                let (ours, theirs) = (of(ours), of(theirs));
                let sign = if task.higher_is_better { 1.0 } else { -1.0 };
                if theirs != 0.0 {
                    gains.push(100.0 * sign * (ours - theirs) / theirs.abs());
                }
            }
        }
        let expected = gains.iter().sum::<f64>() / gains.len() as f64;
        assert!(
            (tried.dev_gain - expected).abs() < 1e-9,
            "{} {expected}",
            tried.dev_gain
        );
    }
    let best = trial
        .tried
        .iter()
        .rev()
        .max_by(|a, b| a.dev_gain.total_cmp(&b.dev_gain));
    let best = best.filter(|best| best.dev_gain > 0.0);
    assert_eq!(trial.chosen.as_ref(), best.map(|best| &best.name));
    // The losing task was held back by a weight; its own teacher at least brings it forward.
    assert!(trial.chosen.is_some(), "{trial:?}");
    assert!(
        trial.sentence.contains("on the development data"),
        "{}",
        trial.sentence
    );
    assert!(
        trial.sentence.contains("hard over single-task models"),
        "{}",
        trial.sentence
    );
    let (again, events) = compared(&run, &all);
    assert!(begun(&events).0.is_empty(), "nothing is trained twice");
    let same = serde_json::to_value(advice(&again)).unwrap();
    assert_eq!(same, serde_json::to_value(found).unwrap());

    // One at most: the others are named.
    let one = CompareOptions {
        trial: Some(TrialOptions {
            proposals: Some(1),
            time: Duration::from_secs(3600),
        }),
        ..first
    };
    let (report, _) = compared(&run, &one);
    let trial = advice(&report).trial.as_ref().expect("a trial");
    assert_eq!(trial.tried.len(), 1);
    assert!(
        trial
            .left_out
            .iter()
            .all(|left| left.reason == "only 1 were asked for")
    );
}

fn results_file(options: &CompareOptions, part: &str) -> std::path::PathBuf {
    options.output.join(part).join("results.json")
}

fn development_scores(path: &std::path::Path) -> BTreeMap<String, BTreeMap<String, f64>> {
    let text = fs::read_to_string(path).expect("results");
    let value: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    let tasks = value["dev"].as_object().expect("tasks").iter();
    let numbers = |metrics: &serde_json::Value| {
        let metrics = metrics.as_object().expect("metrics").iter();
        metrics
            .filter_map(|(name, value)| Some((name.clone(), value.as_f64()?)))
            .collect()
    };
    tasks
        .map(|(task, metrics)| (task.clone(), numbers(metrics)))
        .collect()
}

#[test]
fn no_time_leaves_proposals_out_and_more_time_goes_on() {
    let workplace = losing();
    let run = workplace.run(&[]);
    let tried_for = |time| CompareOptions {
        trial: Some(TrialOptions {
            proposals: None,
            time,
        }),
        ..options(&workplace)
    };
    let (report, _) = compared(&run, &tried_for(Duration::ZERO));
    let trial = advice(&report).trial.as_ref().expect("a trial");
    assert!(
        trial.tried.iter().all(|tried| tried.name == "split"),
        "{trial:?}"
    );
    assert!(
        trial
            .left_out
            .iter()
            .any(|left| left.reason.contains("the time was over"))
    );
    assert_eq!(trial.chosen, None);
    let mut events: Vec<CompareEvent> = Vec::new();
    let whole = compare(&run, &tried_for(Duration::from_secs(3600)), &mut |event| {
        events.push(event.clone());
    });
    let whole = whole.expect("a comparison");
    assert!(
        advice(&whole)
            .trial
            .as_ref()
            .expect("a trial")
            .left_out
            .is_empty()
    );
    assert!(
        begun(&events)
            .0
            .iter()
            .all(|name| !name.starts_with("single-task"))
    );
}

#[test]
fn without_development_scores_nothing_can_be_chosen() {
    let workplace = losing();
    let options = CompareOptions {
        trial: Some(TrialOptions {
            proposals: None,
            time: Duration::from_secs(3600),
        }),
        ..options(&workplace)
    };
    let run = workplace.run(&["train.eval_strategy=no"]);
    let error = compare(&run, &options, &mut |_| {}).unwrap_err();
    let text = error.to_string();
    assert!(
        text.contains("task `hard` has no development scores"),
        "{text}"
    );
    assert!(
        !workplace.path("out").exists(),
        "nothing was trained before"
    );
}

#[test]
fn a_split_is_proposed_and_tried_where_the_affinity_says_so() {
    let workplace = losing();
    let run = workplace.run(&[]);
    let first = options(&workplace);
    compared(&run, &first);
    let folder = first.output.join("advice");
    let entries = fs::read_dir(&folder).expect("a folder").flatten();
    let kept: Vec<_> = entries
        .map(|entry| entry.path())
        .filter(|path| path.to_string_lossy().contains("affinity-"))
        .collect();
    assert_eq!(kept.len(), 1, "{kept:?}");
    // A measurement in which `easy` hurts `hard`, and helps `price`.
    let text = fs::read_to_string(&kept[0]).expect("a file");
    let mut measured: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    measured["affinity"] = serde_json::json!([[0.1, 0.0, 0.0], [-0.2, 0.1, 0.1], [0.01, 0.1, 0.1]]);
    measured["proposal"] =
        serde_json::json!({ "groups": [["hard"], ["easy", "price"]], "gain": 0.1 });
    fs::write(&kept[0], measured.to_string()).expect("a file");

    let all = CompareOptions {
        trial: Some(TrialOptions {
            proposals: None,
            time: Duration::from_secs(3600),
        }),
        ..first
    };
    let (report, events) = compared(&run, &all);
    let found = advice(&report);
    let split = found.proposals.iter().find(|p| p.name == "split");
    let split = split.expect("a split");
    assert_eq!(split.support, 0.5);
    assert!(
        split.evidence[0].contains("Steps for 1 of 2 other tasks raised the loss of `hard`")
            && split.evidence[0].contains("for `easy` by 20.00 %"),
        "{split:?}"
    );
    assert_eq!(split.files, ["advice/split-1.toml", "advice/split-2.toml"]);
    let system = report.methods.iter().find(|m| m.name == "split");
    let system = system.expect("a system of the table");
    let single = &report.methods[1];
    // A group of one is the single-task run that is there already.
    assert_eq!(system.folders[0][0], single.folders[0][0]);
    let (began, _) = begun(&events);
    let of_split: Vec<&String> = began.iter().filter(|name| name.contains("split")).collect();
    assert_eq!(of_split.len(), 2, "{began:?}");
    assert!(of_split.iter().all(|name| name.contains("easy-price")));
}
