//! The same bits: for any number of threads, and whether or not a run was stopped.

use std::collections::BTreeMap;

use mtnet_train::events::{Event, read_events};
use mtnet_train::trainer::TrainError;

use super::Bench;

const MODEL: &str = "model/model.safetensors";

#[test]
fn the_same_seed_gives_the_same_weights_for_any_number_of_threads() {
    let bench = Bench::new();
    let weights = |name: &str, overrides: &[&str]| {
        bench
            .train(name, &[&["train.max_steps=25"], overrides].concat())
            .unwrap();
        bench.read(&format!("{name}/{MODEL}"))
    };
    let first = weights("a", &["train.threads=1"]);
    assert!(
        first == weights("b", &["train.threads=1"]),
        "the same run twice"
    );
    assert!(first == weights("c", &["train.threads=2"]), "two threads");
    assert!(first == weights("d", &["train.threads=5"]), "five threads");
    assert!(
        first == weights("e", &["train.logging_steps=1"]),
        "another log"
    );
    assert!(first != weights("f", &["run.seed=8"]), "another seed");
}

/// Stops a run after step `last` by taking away all that came later.
pub(super) fn cut(bench: &Bench, output: &str, last: u64) {
    let folder = bench.path(output);
    std::fs::remove_dir_all(folder.join("model")).unwrap();
    std::fs::remove_file(folder.join("results.json")).unwrap();
    for entry in std::fs::read_dir(&folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if let Some(step) = name
            .strip_prefix("checkpoint-")
            .and_then(|step| step.parse::<u64>().ok())
            && step > last
        {
            std::fs::remove_dir_all(path).unwrap();
        }
    }
}

#[test]
fn stopped_and_resumed_is_the_same_as_never_stopped() {
    for balance in ["equal", "uncertainty", "famo", "coba", "dtp"] {
        let bench = Bench::new();
        let method = format!("balance.method={balance}");
        let settings = [
            "train.epochs=4",
            "train.save_steps=4",
            "train.save_total_limit=100",
            "train.gradient_accumulation_steps=2",
            "train.eval_strategy=steps",
            "train.eval_steps=5",
            method.as_str(),
        ];
        let whole = bench.train("run", &settings).unwrap();
        assert!(whole.steps > 14, "{}", whole.steps);
        let (weights, events) = (bench.read(&format!("run/{MODEL}")), steps(&bench));
        cut(&bench, "run", 12);
        let resumed = bench.resume("run", &settings).unwrap();
        assert_eq!(resumed.steps, whole.steps);
        assert_eq!(resumed.best_step, whole.best_step);
        assert_eq!(resumed.test, whole.test);
        assert_eq!(resumed.dev, whole.dev);
        assert!(
            bench.read(&format!("run/{MODEL}")) == weights,
            "{balance}: other weights"
        );
        assert_eq!(steps(&bench), events, "{balance}: another log");
    }
}

#[test]
fn a_run_that_was_stopped_before_its_first_checkpoint_begins_again() {
    let bench = Bench::new();
    let settings = ["train.max_steps=4"];
    bench.train("whole", &settings).unwrap();
    // What a kill in the first steps leaves: the run file, and half of a log.
    let folder = bench.path("run");
    std::fs::create_dir(&folder).unwrap();
    std::fs::copy(bench.path("whole/run.toml"), folder.join("run.toml")).unwrap();
    std::fs::write(folder.join("metrics.jsonl"), "{\"event\":\"run_st").unwrap();
    bench.resume("run", &settings).unwrap();
    assert!(bench.read(&format!("run/{MODEL}")) == bench.read(&format!("whole/{MODEL}")));
}

/// Losses by step as the log has them. Logged windows begin anew at a resume, so only the last
/// step's numbers are compared where a window was cut.
fn steps(bench: &Bench) -> BTreeMap<u64, f64> {
    let events = read_events(&bench.path("run/metrics.jsonl")).unwrap();
    let norm = |event: Event| match event {
        Event::Step(step) => Some((step.step, step.grad_norm)),
        _ => None,
    };
    events.into_iter().filter_map(norm).collect()
}

#[test]
fn a_checkpoint_of_another_run_or_of_none_is_refused() {
    let bench = Bench::new();
    let error = bench.resume("empty", &[]).unwrap_err();
    assert!(
        matches!(error, TrainError::NothingToResume { .. }),
        "{error}"
    );

    bench.train("run", &["train.max_steps=4"]).unwrap();
    let error = bench
        .resume("run", &["train.max_steps=4", "run.seed=9"])
        .unwrap_err();
    assert!(matches!(error, TrainError::OtherRun { .. }), "{error}");
}
