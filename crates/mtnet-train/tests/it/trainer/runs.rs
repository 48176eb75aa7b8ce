//! What a run learns, leaves behind, and says when it cannot go on.

use candle_core::Device;
use mtnet_core::TaskName;
use mtnet_model::{PredictInput, Predictor, TaskPrediction};
use mtnet_train::events::{Event, RunEndReason, read_events};
use mtnet_train::trainer::TrainError;

use super::Bench;

fn task(name: &str) -> TaskName {
    TaskName::new(name).unwrap()
}

#[test]
fn a_run_learns_both_tasks_and_leaves_a_whole_folder() {
    let bench = Bench::new();
    let results = bench.train("run", &[]).unwrap();
    assert!(
        results.test[&task("intent")]["accuracy"] > 0.95,
        "{results:?}"
    );
    assert!(
        results.test[&task("slots")]["entity_f1"] > 0.95,
        "{results:?}"
    );
    assert!(results.majority[&task("intent")]["accuracy"] < 0.7);
    assert_eq!(results.majority[&task("slots")]["entity_f1"], 0.0);
    assert_eq!(results.main_metric[&task("slots")], "entity_f1");
    assert_eq!(results.end.reason, RunEndReason::Finished);

    for name in [
        "run.toml",
        "run.json",
        "metrics.jsonl",
        "results.json",
        "model/README.md",
    ] {
        assert!(bench.path("run").join(name).is_file(), "{name}");
    }
    assert!(
        bench
            .path(&format!("run/checkpoint-{}", results.steps))
            .is_dir()
    );
    let written: serde_json::Value =
        serde_json::from_slice(&bench.read("run/results.json")).unwrap();
    assert_eq!(
        written["test"]["intent"]["accuracy"],
        results.test[&task("intent")]["accuracy"]
    );
    let info: serde_json::Value = serde_json::from_slice(&bench.read("run/run.json")).unwrap();
    assert_eq!(info["data"].as_object().unwrap().len(), 3);
    assert_eq!(info["seed"], 7);

    let events = read_events(&bench.path("run/metrics.jsonl")).unwrap();
    let first = events.iter().find_map(|event| match event {
        Event::Step(step) => Some(step),
        _ => None,
    });
    // Before anything is learned, each task's loss is that of a guess: ln 2 and ln 5.
    let losses = &first.unwrap().task_losses;
    assert!(
        (losses[&task("intent")] - 2f64.ln()).abs() < 0.1,
        "{losses:?}"
    );
    assert!(
        (losses[&task("slots")] - 5f64.ln()).abs() < 0.15,
        "{losses:?}"
    );
    assert!(matches!(events.last(), Some(Event::RunEnd(_))));
}

#[test]
fn the_model_folder_answers_for_new_text_from_its_own_files() {
    let bench = Bench::new();
    let results = bench.train("run", &[]).unwrap();
    let moved = bench.path("elsewhere");
    std::fs::rename(&results.model_folder, &moved).unwrap();
    for name in ["train.jsonl", "run.toml"] {
        std::fs::remove_file(bench.path(name)).unwrap();
    }
    let predictor = Predictor::open(&moved, &Device::Cpu).unwrap();
    let text = "👍 fly me to 北京 now";
    let inputs = [
        PredictInput::text(text),
        PredictInput::words(&["please", "ring", "Ada", "in", "Rome"]),
    ];
    let predictions = predictor.predict(&inputs, &[]).unwrap();
    let TaskPrediction::Label { label, .. } = &predictions[0].tasks[&task("intent")] else {
        panic!()
    };
    assert_eq!(label, "travel");
    let TaskPrediction::Entities { entities } = &predictions[1].tasks[&task("slots")] else {
        panic!()
    };
    let found: Vec<(&str, &str)> = entities
        .iter()
        .map(|e| (e.label.as_str(), e.text.as_str()))
        .collect();
    assert_eq!(found, [("person", "Ada"), ("place", "Rome")]);

    // Offsets count characters of the text as it was typed.
    let TaskPrediction::Entities { entities } = &predictions[0].tasks[&task("slots")] else {
        panic!()
    };
    for entity in entities {
        let slice: String = text
            .chars()
            .skip(entity.start)
            .take(entity.end - entity.start)
            .collect();
        assert_eq!(slice, entity.text);
    }
    let only = predictor.predict(&inputs[..1], &[task("intent")]).unwrap();
    assert_eq!(only[0].tasks.len(), 1);
    let message = predictor
        .predict(&inputs, &[task("mood")])
        .unwrap_err()
        .to_string();
    assert!(
        message.contains("no task `mood`") && message.contains("intent, slots"),
        "{message}"
    );
}

#[test]
fn a_folder_with_a_run_is_not_written_over() {
    let bench = Bench::new();
    bench.train("run", &["train.max_steps=2"]).unwrap();
    let weights = bench.read("run/model/model.safetensors");
    let error = bench.train("run", &["train.max_steps=3"]).unwrap_err();
    assert!(matches!(error, TrainError::FolderInUse { .. }), "{error}");
    assert_eq!(bench.read("run/model/model.safetensors"), weights);
}

#[test]
fn a_run_ends_when_its_target_or_its_patience_is_reached() {
    let bench = Bench::new();
    let results = bench
        .train("target", &["train.target_metric=0.5", "train.epochs=40"])
        .unwrap();
    assert_eq!(results.end.reason, RunEndReason::TargetReached);
    assert!(results.dev.values().count() == 2 && results.steps < 200);

    let stuck = [
        "train.learning_rate=0.0",
        "train.early_stopping_patience=2",
        "train.epochs=40",
    ];
    let results = bench.train("patience", &stuck).unwrap();
    assert_eq!(results.end.reason, RunEndReason::EarlyStopping);
    // The first evaluation is the best, and two more bring nothing.
    assert_eq!(results.steps, 3 * results.best_step);
}

#[test]
fn the_best_weights_are_kept_and_not_the_last() {
    let bench = Bench::new();
    // The learning rate is far too high at the end, so that the last weights are spoiled.
    let settings = [
        "train.eval_strategy=steps",
        "train.eval_steps=10",
        "train.max_steps=60",
        "train.lr_scheduler_type=constant",
        "train.learning_rate=3e-2",
        "train.metric_for_best_model=slots",
    ];
    let results = bench.train("run", &settings).unwrap();
    let scores: Vec<(u64, f64)> = read_events(&bench.path("run/metrics.jsonl"))
        .unwrap()
        .into_iter()
        .filter_map(|event| match event {
            Event::Evaluation(event) => Some((event.step, event.selection?)),
            _ => None,
        })
        .collect();
    let best = scores.iter().fold((0, f64::NEG_INFINITY), |best, &next| {
        if next.1 > best.1 { next } else { best }
    });
    assert_eq!(results.best_step, best.0, "{scores:?}");
    assert_eq!(results.dev[&task("slots")]["entity_f1"], best.1);
}

#[test]
fn a_run_that_diverges_says_so() {
    let bench = Bench::new();
    let error = bench
        .train(
            "run",
            &["train.learning_rate=1e30", "train.max_grad_norm=0.0"],
        )
        .unwrap_err();
    let message = error.to_string();
    assert!(
        message.contains("NaN") || message.contains("inf") || message.contains("not finite"),
        "{message}"
    );
}

#[test]
fn frozen_layers_keep_their_weights() {
    let bench = Bench::new();
    let weights = |output: &str, overrides: &[&str]| {
        bench.train(output, overrides).unwrap();
        candle_core::safetensors::load(
            bench.path(&format!("{output}/model/model.safetensors")),
            &Device::Cpu,
        )
        .unwrap()
    };
    let start = weights(
        "start",
        &[
            "encoder.freeze=true",
            "train.learning_rate=0.0",
            "train.max_steps=1",
        ],
    );
    let frozen = weights("frozen", &["encoder.freeze=true", "train.max_steps=6"]);
    let lowest = weights("lowest", &["encoder.freeze_layers=0", "train.max_steps=6"]);
    let changed = |after: &std::collections::HashMap<String, candle_core::Tensor>| -> Vec<String> {
        let mut names: Vec<String> = start
            .iter()
            .filter(|(name, tensor)| {
                let apart = after[*name]
                    .sub(tensor)
                    .unwrap()
                    .abs()
                    .unwrap()
                    .sum_all()
                    .unwrap();
                apart.to_scalar::<f32>().unwrap() > 0.0
            })
            .map(|(name, _)| name.clone())
            .collect();
        names.sort();
        names
    };
    let expected = [
        "heads.intent.bias",
        "heads.intent.weight",
        "heads.slots.bias",
        "heads.slots.weight",
    ];
    assert_eq!(changed(&frozen), expected);
    let moved = changed(&lowest);
    assert!(
        moved.iter().all(|name| !name.starts_with("embeddings.")) && moved.len() > 10,
        "{moved:?}"
    );
}
