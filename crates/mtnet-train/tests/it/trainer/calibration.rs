//! Calibration at the end of a run and of a model folder: probabilities change, labels never.

use candle_core::Device;
use mtnet_core::{Split, TaskName};
use mtnet_heads::{Answer, HeadRegistry};
use mtnet_model::{ModelError, ModelFolder};
use mtnet_train::trainer::{TrainError, calibrate, corpus_answers, evaluate, read_corpus};
use serde_json::Value;

use super::Bench;

/// A third of the intents are contradicted, so that no model can be sure of them: confidence that is
/// deserved is about two thirds.
fn doubtful() -> Bench {
    let bench = Bench::new();
    for split in ["train", "dev", "test"] {
        let name = format!("{split}.jsonl");
        let text = String::from_utf8(bench.read(&name)).unwrap();
        let lines = text.lines().enumerate().map(|(number, line)| {
            let mut example: Value = serde_json::from_str(line).unwrap();
            if number % 3 == 0 {
                let intent = match example["intent"].as_str().unwrap() {
                    "call" => "travel",
                    _ => "call",
                };
                example["intent"] = intent.into();
            }
            example.to_string() + "\n"
        });
        let text: String = lines.collect();
        std::fs::write(bench.path(&name), text).unwrap();
    }
    bench
}

fn open(path: &std::path::Path) -> Result<ModelFolder, Box<ModelError>> {
    ModelFolder::open(path, &HeadRegistry::default(), &Device::Cpu).map_err(Box::new)
}

fn labels(answers: &[Answer]) -> Vec<Vec<u32>> {
    answers
        .iter()
        .map(|answer| match answer {
            Answer::Class { label, .. } => vec![*label],
            Answer::Tags { tags, .. } => tags.clone(),
            other => panic!("{other:?}"),
        })
        .collect()
}

/// The model with the scores of a head times `factor`: as sure again.
fn oversure(folder: &ModelFolder, task: &str, factor: f64) {
    for (name, var) in folder.model.parameters().vars() {
        if name.starts_with(&format!("heads.{task}.")) {
            var.set(&(var.as_tensor() * factor).unwrap()).unwrap();
        }
    }
    folder.model.weights_changed();
}

#[test]
fn an_over_confident_model_is_brought_back_and_answers_the_same() {
    let bench = doubtful();
    let results = bench.train("run", &["train.calibrate=false"]).unwrap();
    assert!(results.calibration.is_empty());
    let intent = TaskName::new("intent").unwrap();
    let mut folder = open(&results.model_folder).unwrap();
    assert_eq!(folder.tasks_file().format_version, 1);
    let registry = HeadRegistry::default();
    let read = |split| read_corpus(&bench.load(&[]), split, &folder, &registry).unwrap();
    let (dev, test) = (read(Split::Dev), read(Split::Test));

    let temperature = |folder: &ModelFolder| calibrate(&folder.model, &dev, 4096).unwrap()[&intent];
    let plain = temperature(&folder);
    folder.model.forget_calibration();
    oversure(&folder, "intent", 8.0);
    let before = corpus_answers(&folder.model, &test, 4096).unwrap();
    let scored_before = evaluate(&folder.model, &test, 4096).unwrap();
    let found = temperature(&folder);
    let after = corpus_answers(&folder.model, &test, 4096).unwrap();
    let scored_after = evaluate(&folder.model, &test, 4096).unwrap();

    // Eight times the scores want eight times the temperature, and end at the same probabilities.
    let ratio = found.temperature() / plain.temperature();
    assert!((ratio / 8.0 - 1.0).abs() < 1e-4, "{ratio}");
    let error = |scores: mtnet_metrics::ProbabilityScores| scores.expected_calibration_error;
    assert!(error(found.before()) > 0.2, "{found:?}");
    assert!(
        error(found.after()) < 0.5 * error(found.before()),
        "{found:?}"
    );
    assert!(found.after().log_loss < found.before().log_loss);
    assert_eq!(found.examples(), 60);

    // On data that it never saw: every label and every metric of labels stays, the loss of the
    // probabilities falls.
    for task in before.keys() {
        assert_eq!(labels(&before[task]), labels(&after[task]), "{task}");
    }
    assert_ne!(before[&intent], after[&intent]);
    for metric in ["accuracy", "macro_f1", "loss"] {
        assert_eq!(
            scored_before[&intent][metric],
            scored_after[&intent][metric]
        );
    }
    assert!(scored_after[&intent]["log_loss"] < 0.7 * scored_before[&intent]["log_loss"]);

    // It is kept by the folder, bit for bit.
    let kept = bench.path("kept");
    folder.save(&kept).unwrap();
    let again = open(&kept).unwrap();
    assert_eq!(again.tasks_file(), folder.tasks_file());
    assert_eq!(again.tasks_file().format_version, 2);
    assert_eq!(corpus_answers(&again.model, &test, 4096).unwrap(), after);
}

#[test]
fn a_run_calibrates_its_model_and_scores_the_test_data_with_it() {
    let bench = doubtful();
    let plain = bench.train("plain", &["train.calibrate=false"]).unwrap();
    let results = bench.train("run", &[]).unwrap();
    let intent = TaskName::new("intent").unwrap();
    let found = results.calibration[&intent];
    let folder = open(&results.model_folder).unwrap();
    let index = folder.model.task_index(&intent).unwrap();
    let kept = folder.model.tasks()[index].calibration().unwrap();
    assert_eq!(kept.temperature(), found.temperature);
    assert!(found.dev.after.log_loss <= found.dev.before.log_loss);

    // The weights are the same; of the scores only those of probabilities moved, to what is stated.
    let weights = |run: &str| bench.read(&format!("{run}/model/model.safetensors"));
    assert!(weights("plain") == weights("run"));
    let (bare, with) = (&plain.test[&intent], &results.test[&intent]);
    assert_eq!(bare["accuracy"], with["accuracy"]);
    assert_eq!(plain.dev, results.dev);
    let test = found.test.unwrap();
    assert!((bare["log_loss"] - test.before.log_loss).abs() < 1e-5);
    assert!((with["log_loss"] - test.after.log_loss).abs() < 1e-5);
    let card = String::from_utf8(bench.read("run/model/README.md")).unwrap();
    let line = format!("| intent | {:.3} |", found.temperature);
    assert!(
        card.contains("## Calibration") && card.contains(&line),
        "{card}"
    );

    // Another run, and one that was resumed at its end, are the same.
    bench.train("again", &[]).unwrap();
    assert_eq!(
        bench.read("run/model/tasks.json"),
        bench.read("again/model/tasks.json")
    );
    bench.resume("again", &[]).unwrap();
    assert_eq!(
        bench.read("run/model/tasks.json"),
        bench.read("again/model/tasks.json")
    );
}

#[test]
fn a_calibration_that_cannot_be_is_refused() {
    let bench = doubtful();
    let results = bench.train("run", &["train.max_steps=20"]).unwrap();
    let path = results.model_folder.join("tasks.json");
    let good: Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
    let refused = |change: &dyn Fn(&mut Value)| {
        let mut tasks = good.clone();
        change(&mut tasks);
        std::fs::write(&path, tasks.to_string()).unwrap();
        open(&results.model_folder).unwrap_err().to_string()
    };
    for bad in ["0.0", "-1.5", "1e999", "null", "\"NaN\""] {
        let message = refused(&|tasks: &mut Value| {
            let text = tasks.to_string();
            let temperature = tasks["calibration"]["intent"]["temperature"].to_string();
            let text = text.replacen(
                &format!("\"temperature\":{temperature}"),
                &format!("\"temperature\":{bad}"),
                1,
            );
            *tasks = serde_json::from_str(&text).unwrap_or(Value::Null);
        });
        assert!(message.contains("tasks.json"), "{bad}: {message}");
    }
    let message = refused(&|tasks| {
        tasks["calibration"]["intent"]["temperature"] = 0.0.into();
    });
    assert!(
        message.contains("temperature is 0, expected a number from 0.001 to 1000"),
        "{message}"
    );
    let message = refused(&|tasks| {
        let found = tasks["calibration"]["intent"].clone();
        tasks["calibration"]["intents"] = found;
    });
    assert!(message.contains("no task `intents`"), "{message}");
    let message = refused(&|tasks| {
        tasks["tasks"][0]["head"] = serde_json::json!({"type": "regression"});
    });
    assert!(
        message.contains("a regression head has no probabilities"),
        "{message}"
    );

    // Twice is a mistake of the program.
    std::fs::write(&path, good.to_string()).unwrap();
    let folder = open(&results.model_folder).unwrap();
    let dev = read_corpus(
        &bench.load(&[]),
        Split::Dev,
        &folder,
        &HeadRegistry::default(),
    )
    .unwrap();
    let error = calibrate(&folder.model, &dev, 4096).unwrap_err();
    assert!(matches!(error, TrainError::Model(_)), "{error}");
    assert!(error.to_string().contains("it has one already"), "{error}");
}
