//! Tasks that rest, wake, and learn at a rate of their own.

use std::collections::BTreeMap;

use mtnet_core::TaskName;
use mtnet_train::events::{Event, RunEndReason, TaskChange, TaskEvent, read_events};

use super::Bench;
use super::reproducibility::cut;

/// What became of tasks, from the log of a run.
fn changes(bench: &Bench, output: &str) -> Vec<TaskEvent> {
    let lines = read_events(&bench.path(&format!("{output}/metrics.jsonl"))).unwrap();
    let changed = lines.into_iter().filter_map(|event| match event {
        Event::Task(event) => Some(event),
        _ => None,
    });
    changed.collect()
}

/// The bytes of a head's tensors in a file of weights.
fn head(bench: &Bench, file: &str, task: &str) -> BTreeMap<String, Vec<f32>> {
    let bytes = bench.read(file);
    let tensors = candle_core::safetensors::load_buffer(&bytes, &candle_core::Device::Cpu).unwrap();
    let prefix = format!("heads.{task}.");
    let of_head = tensors
        .into_iter()
        .filter(|(name, _)| name.starts_with(&prefix));
    of_head
        .map(|(name, tensor)| (name, tensor.flatten_all().unwrap().to_vec1().unwrap()))
        .collect()
}

const SETTINGS: [&str; 7] = [
    "train.max_steps=40",
    "train.eval_strategy=steps",
    "train.eval_steps=4",
    "train.save_total_limit=100",
    "train.gradient_accumulation_steps=2",
    "task.intent.patience=2",
    "task.slots.learning_rate=1e-2",
];

#[test]
fn a_task_that_is_done_rests_and_its_head_keeps_every_bit() {
    let bench = Bench::new();
    let results = bench.train("run", &SETTINGS).unwrap();
    assert_eq!(results.steps, 40);
    let changes = changes(&bench, "run");
    let [rests] = &changes[..] else {
        panic!("{changes:?}");
    };
    assert_eq!(
        (rests.task.as_str(), rests.change),
        ("intent", TaskChange::Rests)
    );
    assert_eq!(rests.best_step + 2 * 4, rests.step);
    assert!(rests.step < 40, "{rests:?}");
    let at = |step: u64, task: &str| {
        head(
            &bench,
            &format!("run/checkpoint-{step}/model.safetensors"),
            task,
        )
    };
    assert_eq!(at(rests.step, "intent"), at(40, "intent"));
    assert_ne!(at(rests.step, "slots"), at(40, "slots"));
    assert_ne!(at(rests.best_step, "intent"), at(rests.step, "intent"));
    // It is still scored.
    let intent = TaskName::new("intent").unwrap();
    assert!(results.dev.contains_key(&intent) && results.test.contains_key(&intent));
}

#[test]
fn stopped_while_a_task_rests_ends_the_same() {
    let bench = Bench::new();
    // Wakes at any score below the best.
    let settings = [&SETTINGS[..], &["task.intent.wake_up=0", "run.seed=9"]].concat();
    let whole = bench.train("run", &settings).unwrap();
    let weights = bench.read("run/model/model.safetensors");
    let changed = changes(&bench, "run");
    let rests = changed.first().expect("a task that rests").step;
    cut(&bench, "run", rests);
    let resumed = bench.resume("run", &settings).unwrap();
    assert_eq!((resumed.steps, &resumed.test), (whole.steps, &whole.test));
    assert!(
        weights == bench.read("run/model/model.safetensors"),
        "other weights"
    );
    assert_eq!(changes(&bench, "run"), changed);
}

#[test]
fn a_run_ends_when_all_tasks_rest() {
    let bench = Bench::new();
    let patient = [
        "task.slots.patience=1",
        "task.intent.patience=1",
        "train.max_steps=400",
    ];
    let results = bench
        .train("run", &[&SETTINGS[..5], &patient].concat())
        .unwrap();
    assert_eq!(results.end.reason, RunEndReason::EarlyStopping);
    assert!(results.steps < 400);
    assert_eq!(changes(&bench, "run").len(), 2);
}

#[test]
fn a_head_can_learn_at_a_rate_of_its_own() {
    let bench = Bench::new();
    let still = ["train.max_steps=6", "task.intent.learning_rate=0"];
    bench.train("still", &still).unwrap();
    bench
        .train("start", &["train.max_steps=1", "train.learning_rate=0"])
        .unwrap();
    let of = |run: &str, task| head(&bench, &format!("{run}/model/model.safetensors"), task);
    assert_eq!(of("still", "intent"), of("start", "intent"));
    assert_ne!(of("still", "slots"), of("start", "slots"));
}
