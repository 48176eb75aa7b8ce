//! R06: a run can go on from any of its steps.

use std::fs;

use mtnet_fuzz::{Tier, figure};

use super::{fingerprint, workplace};
use crate::workplace::Workplace;

const STEPS: u64 = 60;

#[test]
fn r06_a_run_resumed_at_any_step_ends_the_same() {
    let every = Tier::from_env().pick(25, 6, 1);
    let workplace = workplace();
    let run = super::RUN
        .replace("max_steps = 40", &format!("max_steps = {STEPS}"))
        .replace("save_steps = 3", "save_steps = 1")
        .replace("save_total_limit = 2", "save_total_limit = 100");
    workplace.write("run.toml", run);
    workplace
        .mtnet(&["train", "run.toml", "--output", "whole"])
        .ok();
    let expected = fingerprint(&workplace, "whole");
    let steps: Vec<u64> = (1..=STEPS).filter(|step| step % every == 0).collect();
    for &step in &steps {
        let output = format!("from-{step}");
        copy_up_to(&workplace, step, &output);
        workplace
            .mtnet(&["train", "run.toml", "--resume", &output])
            .ok();
        assert_eq!(fingerprint(&workplace, &output), expected, "step {step}");
        fs::remove_dir_all(workplace.path(&output)).expect("removed");
    }
    let count = steps.len();
    figure(
        "R06",
        format!("{count} of {count} resumes of a {STEPS}-step run end the same"),
    );
}

/// The whole run as it was after a step; checkpoints never change, so links to them do.
fn copy_up_to(workplace: &Workplace, step: u64, output: &str) {
    let (from, to) = (workplace.path("whole"), workplace.path(output));
    fs::create_dir(&to).expect("a folder");
    for name in ["run.toml", "run.json", "metrics.jsonl"] {
        fs::copy(from.join(name), to.join(name)).expect("a copy");
    }
    for kept in (1..=step).map(|step| format!("checkpoint-{step}")) {
        fs::create_dir(to.join(&kept)).expect("a folder");
        for entry in fs::read_dir(from.join(&kept)).expect("a checkpoint") {
            let entry = entry.expect("a file");
            let link = to.join(&kept).join(entry.file_name());
            fs::hard_link(entry.path(), link).expect("a link");
        }
    }
}
