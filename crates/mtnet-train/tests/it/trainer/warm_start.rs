//! Runs that go on from a model folder, and that learn from a part of their examples.

use mtnet_core::Split;
use mtnet_heads::HeadRegistry;
use mtnet_train::trainer::{Prepared, Quiet, TrainError};

use super::Bench;

/// Goes on from the model of the run in `first`.
fn going_on(bench: &Bench, more: &[&str]) -> Vec<String> {
    let text = std::fs::read_to_string(bench.path("run.toml")).unwrap();
    let (before, after) = (
        text.find("[encoder]").unwrap(),
        text.find("[train]").unwrap(),
    );
    let text = format!("{}{}", &text[..before], &text[after..]);
    std::fs::write(bench.path("run.toml"), text).unwrap();
    let from = format!("encoder.from={}", bench.path("first/model").display());
    let mut overrides = vec![from, "encoder.pooling=mean".to_owned()];
    overrides.extend(more.iter().map(|&text| text.to_owned()));
    overrides
}

fn prepared(bench: &Bench, overrides: &[&str]) -> Result<Prepared, TrainError> {
    let run = bench.load(overrides);
    Prepared::new(&run, &HeadRegistry::default(), &mut Quiet)
}

#[test]
fn a_warm_head_begins_with_its_trained_weights_and_labels() {
    let bench = Bench::new();
    let trained = bench.train("first", &[]).unwrap();
    let overrides = going_on(&bench, &["task.intent.warm_start=true"]);
    let overrides: Vec<&str> = overrides.iter().map(String::as_str).collect();
    let begins = prepared(&bench, &overrides).unwrap();
    let scores =
        mtnet_train::trainer::evaluate(&begins.folder.model, begins.corpus(Split::Test), 4096)
            .unwrap();
    let intent = &begins.folder.model.tasks()[0].spec;
    assert_eq!(scores[&intent.name], trained.test[&intent.name]);
    assert_eq!(intent.labels, ["call", "travel"]);
    // The other head is new.
    let initialised = begins.folder.model.parameters().initialised();
    assert!(!initialised.is_empty());
    assert!(
        initialised
            .iter()
            .all(|name| name.starts_with("heads.slots."))
    );

    // A run from there, stopped and resumed, needs nothing but its run file.
    let whole = [&overrides[..], &["train.epochs=2"]].concat();
    bench.train("second", &whole).unwrap();
    bench.resume("second", &whole).unwrap();
}

#[test]
fn what_is_no_trained_head_is_named() {
    let bench = Bench::new();
    bench.train("first", &["train.max_steps=1"]).unwrap();
    let overrides = going_on(&bench, &["task.intent.warm_start=true"]);
    let with = |more: &str| {
        let mut all: Vec<&str> = overrides.iter().map(String::as_str).collect();
        all.push(more);
        prepared(&bench, &all).unwrap_err().to_string()
    };
    let message = with("task.intent.head=multi-label");
    assert!(
        message.contains("`intent`") && message.contains("multi-label"),
        "{message}"
    );
    let message = with("task.intent.labels=[\"call\", \"sleep\"]");
    assert!(message.contains("`call`, `sleep`"), "{message}");
    std::fs::remove_file(bench.path("first/model/tasks.json")).unwrap();
    let message = with("train.epochs=1");
    assert!(
        message.contains("tasks.json") && message.contains("encoder.from"),
        "{message}"
    );
}

#[test]
fn a_part_of_the_examples_is_drawn_by_the_seed() {
    let bench = Bench::new();
    let drawn = |overrides: &[&str]| {
        let prepared = prepared(&bench, overrides).unwrap();
        let tasks = prepared.folder.model.tasks().iter();
        let count = |task: &mtnet_model::Task| -> Vec<usize> {
            let targets = prepared.corpus(Split::Train).targets().iter().enumerate();
            let labelled = targets.filter(|(_, t)| t.contains_key(&task.spec.name));
            labelled.map(|(example, _)| example).collect()
        };
        let examples: Vec<Vec<usize>> = tasks.map(count).collect();
        let counts = prepared.folder.model.tasks()[0].spec.label_counts.clone();
        (examples, counts, prepared.corpus(Split::Dev).len())
    };
    let (examples, counts, dev) = drawn(&["task.intent.train_examples=8"]);
    assert_eq!((examples[0].len(), examples[1].len(), dev), (8, 240, 60));
    assert_eq!(counts, [4, 4]);
    let (other, _, _) = drawn(&["task.intent.train_examples=8", "run.seed=8"]);
    assert_ne!(examples[0], other[0]);
    let shares = [
        "task.intent.train_fraction=0.25",
        "task.slots.train_fraction=0.25",
    ];
    let (examples, _, _) = drawn(&shares);
    assert_eq!(examples[0].len(), 60);
    assert_eq!(examples[0], examples[1]);
    bench
        .train("few", &["task.intent.train_examples=8"])
        .unwrap();
}
