//! What is proposed where a task loses, and by what evidence.

use std::fs;

use mtnet_core::TaskName;
use mtnet_train::run_file::RunFile;

use crate::losing::{advice, losing, options};
use crate::workplace::compared;

const DISTILLED: &str = "multi-task, distilled";

#[test]
fn nothing_is_proposed_where_nothing_loses() {
    let workplace = losing();
    // Each task alone is what all tasks are, when they share nothing but a budget of no step.
    let run = workplace.run(&["train.learning_rate=1e-12", "balance.weights={}"]);
    let (report, _) = compared(&run, &options(&workplace));
    let advice = advice(&report);
    assert!(
        advice.losing.is_empty() && advice.proposals.is_empty(),
        "{advice:?}"
    );
    assert!(
        report.markdown().contains("No task loses by sharing"),
        "{}",
        report.markdown()
    );
}

#[test]
fn proposals_come_with_their_evidence_and_run() {
    let workplace = losing();
    let options = options(&workplace);
    let (report, _) = compared(&workplace.run(&[]), &options);
    let found = advice(&report);
    assert_eq!(
        found.losing[0].task,
        TaskName::new("hard").unwrap(),
        "{found:?}"
    );
    let names: Vec<&str> = found.proposals.iter().map(|p| &*p.name).collect();
    assert!(names.contains(&DISTILLED), "{names:?}");
    let supports: Vec<f64> = found.proposals.iter().map(|p| p.support).collect();
    assert!(supports.is_sorted_by(|a, b| a >= b), "{supports:?}");
    for proposal in &found.proposals {
        assert!(
            !proposal.evidence.is_empty() && !proposal.files.is_empty(),
            "{proposal:?}"
        );
        assert!((0.5..=1.0).contains(&proposal.support) || proposal.name == "split");
        for file in &proposal.files {
            let path = options.output.join(file);
            let run = RunFile::load(&path, &[]).expect("a run file that makes sense");
            run.check_files().expect("files that are there");
            let text = fs::read_to_string(&path).expect("a file");
            assert!(text.starts_with("# A proposal of") && text.contains(&proposal.evidence[0]));
        }
    }
    let markdown = report.markdown();
    assert!(
        markdown.contains("## Advice") && markdown.contains("hard loses by sharing"),
        "{markdown}"
    );
}

#[test]
fn a_larger_share_is_proposed_for_what_was_seen_few_times() {
    let workplace = losing();
    let options = options(&workplace);
    let few = [
        "train.epochs=1",
        "train.batch_size=1",
        "train.learning_rate=3e-2",
    ];
    let (report, _) = compared(&workplace.run(&few), &options);
    let found = advice(&report);
    let share = found.proposals.iter().find(|p| p.name == "larger share");
    let share = share.unwrap_or_else(|| panic!("{found:?}"));
    assert!(
        share.evidence[0].contains("saw each example 1.0 times"),
        "{share:?}"
    );
    let file = options.output.join(&share.files[0]);
    let sampler = RunFile::load(&file, &[])
        .expect("a run file")
        .config
        .sampler;
    let weights: Vec<(&str, f64)> = sampler
        .weights
        .iter()
        .map(|(task, weight)| (task.as_str(), *weight))
        .collect();
    // 48 texts of two tasks, twice their share, and 6 of the third.
    assert_eq!(weights, [("easy", 96.0), ("hard", 96.0), ("price", 6.0)]);
}
