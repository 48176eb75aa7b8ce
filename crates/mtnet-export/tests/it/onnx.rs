//! Graphs: the same logits as the model's in tract, for every encoder, head, pooling and form.

use mtnet_export::onnx::check_structure;
use mtnet_export::{ExportError, OnnxOptions, onnx_model};
use mtnet_kernels::Pooling;
use mtnet_model::{Calibration, ModelFolder, TaskPrediction, TextLogits, WindowTokens};
use serde_json::json;

use crate::figure;
use crate::runtime::{Outputs, run};
use crate::support::{every_encoder, model, mt_net, odd_inputs, predictor, specs, task};

/// Largest difference between the outputs of a graph and the model's own logits, over all windows
/// of all texts in batches of `batch`.
fn largest_difference(folder: &ModelFolder, options: &OnnxOptions, batch: usize) -> f32 {
    let graph = onnx_model(folder, options).unwrap();
    let texts = predictor(folder).logits(&odd_inputs(), &[]).unwrap();
    let first: Vec<(&TextLogits, &WindowTokens)> =
        texts.iter().map(|text| (text, &text.windows[0])).collect();
    let mut largest: f32 = 0.0;
    for texts in first.chunks(batch) {
        let rows: Vec<&WindowTokens> = texts.iter().map(|(_, window)| *window).collect();
        let outputs = run(&graph, &rows, options.packed);
        for (row, (text, window)) in texts.iter().enumerate() {
            for (name, expected) in &text.logits {
                if name.as_str() == "where" {
                    let rows = &rows[..row];
                    let before = rows.iter().map(|row| row.input_ids.len()).sum();
                    let apart = span_difference(&outputs, row, before, window, expected, options);
                    largest = largest.max(apart);
                    continue;
                }
                let output = format!("{name}_logits");
                let reads_words = name.as_str() == "slots";
                let expected = match reads_words {
                    true => &expected[..window.word_tokens.len()],
                    false => &expected[..],
                };
                for (word, expected) in expected.iter().enumerate() {
                    let at = match (reads_words, options.packed) {
                        (false, _) => row,
                        (true, false) => {
                            row * outputs[&output].0[1] + window.word_tokens[word] as usize
                        }
                        (true, true) => {
                            let before: usize =
                                rows[..row].iter().map(|row| row.input_ids.len()).sum();
                            before + window.word_tokens[word] as usize
                        }
                    };
                    let found = row_of(&outputs, &output, at);
                    for (found, expected) in found.iter().zip(expected) {
                        assert!(found.is_finite(), "{output}");
                        largest = largest.max((found - expected).abs());
                    }
                }
            }
        }
    }
    largest
}

/// The same for the scores of beginnings and ends of one window.
fn span_difference(
    outputs: &Outputs,
    row: usize,
    before: usize,
    window: &WindowTokens,
    expected: &[Vec<f32>],
    options: &OnnxOptions,
) -> f32 {
    assert!(expected.len() >= window.passage_tokens.len());
    let mut largest: f32 = 0.0;
    for (column, name) in ["where_start_logits", "where_end_logits"]
        .iter()
        .enumerate()
    {
        let (shape, values) = &outputs[*name];
        let first = match options.packed {
            true => before,
            false => row * shape[1],
        };
        for (expected, token) in expected.iter().zip(&window.passage_tokens) {
            let found = values[first + *token as usize];
            assert!(found.is_finite(), "{name}");
            largest = largest.max((found - expected[column]).abs());
        }
    }
    largest
}

fn row_of<'a>(outputs: &'a Outputs, name: &str, at: usize) -> &'a [f32] {
    let (shape, values) = &outputs[name];
    let columns = shape[shape.len() - 1];
    &values[at * columns..(at + 1) * columns]
}

#[test]
fn r22_every_encoder_answers_as_the_model_padded_and_packed() {
    let mut largest: f32 = 0.0;
    for (name, spec) in every_encoder() {
        let folder = model(&spec, Pooling::Mean, specs());
        for packed in [false, true] {
            let options = OnnxOptions {
                packed,
                ..OnnxOptions::default()
            };
            let difference = largest_difference(&folder, &options, 5);
            assert!(difference < 1e-4, "{name}, packed {packed}: {difference}");
            largest = largest.max(difference);
        }
    }
    let text = format!(
        "{} encoders with every head, padded and packed, on {} odd inputs in tract: largest difference \
         of logits {largest:.1e}",
        every_encoder().len(),
        odd_inputs().len()
    );
    figure("R22", &text);
}

#[test]
fn every_pooling_and_batch_size_gives_the_same() {
    for pooling in [Pooling::First, Pooling::Mean, Pooling::Max] {
        let folder = model(&mt_net(false), pooling, specs());
        for packed in [false, true] {
            // Single texts and small batches differ from one large batch in the graph alone.
            let batches: &[usize] = match pooling {
                Pooling::Mean => &[1, 3, 64],
                _ => &[64],
            };
            for &batch in batches {
                let options = OnnxOptions {
                    packed,
                    ..OnnxOptions::default()
                };
                let difference = largest_difference(&folder, &options, batch);
                assert!(
                    difference < 1e-4,
                    "{pooling:?} {packed} {batch}: {difference}"
                );
            }
        }
    }
}

/// A temperature as a model folder keeps it.
fn calibration(temperature: f64) -> Calibration {
    let scores = json!({"log_loss": 0.5, "expected_calibration_error": 0.1});
    let written = json!({
        "temperature": temperature, "examples": 100, "before": scores, "after": scores
    });
    serde_json::from_value(written).unwrap()
}

#[test]
fn probabilities_are_divided_by_the_temperature_and_the_metadata_names_it() {
    let folder = model(&mt_net(false), Pooling::Mean, specs());
    let temperatures = [("intent", 2.5), ("mood", 0.4), ("slots", 1.75)];
    for task in folder.model.tasks() {
        let name = task.spec.name.as_str();
        if let Some((_, temperature)) = temperatures.iter().find(|(of, _)| *of == name) {
            task.calibrate(calibration(*temperature)).unwrap();
        }
    }
    let options = OnnxOptions {
        probabilities: true,
        ..OnnxOptions::default()
    };
    let graph = onnx_model(&folder, &options).unwrap();
    let entry = |key: &str| graph.metadata_props.iter().find(|entry| entry.key == key);
    let tasks = &entry("mtnet.tasks").unwrap().value;
    let tasks: serde_json::Value = serde_json::from_str(tasks).unwrap();
    let stated: Vec<Option<f64>> = (0..5).map(|at| tasks[at]["temperature"].as_f64()).collect();
    assert_eq!(stated, [Some(2.5), Some(0.4), None, Some(1.75), None]);

    let predictor = predictor(&folder);
    let inputs = odd_inputs();
    let texts = predictor.logits(&inputs, &[]).unwrap();
    let predictions = predictor.predict(&inputs, &[]).unwrap();
    for (text, prediction) in texts.iter().zip(&predictions) {
        let outputs = run(&graph, &[&text.windows[0]], false);
        // Logits stay bare, and answers of the model agree with the graph's probabilities.
        let logits = row_of(&outputs, "intent_logits", 0);
        for (found, expected) in logits.iter().zip(&text.logits[&task("intent")][0]) {
            assert!((found - expected).abs() < 1e-4);
        }
        let found = row_of(&outputs, "intent_probabilities", 0);
        let TaskPrediction::Label { scores, .. } = prediction.get("intent").unwrap() else {
            panic!("{prediction:?}");
        };
        for (label, found) in ["play", "book", "rate"].iter().zip(found) {
            let expected = scores.iter().find(|score| score.label == *label).unwrap();
            assert!((found - expected.score).abs() < 1e-5, "{label}");
        }
        let found = row_of(&outputs, "mood_probabilities", 0);
        let TaskPrediction::Labels { scores, .. } = prediction.get("mood").unwrap() else {
            panic!("{prediction:?}");
        };
        for (label, found) in ["glad", "sad"].iter().zip(found) {
            let expected = scores.iter().find(|score| score.label == *label).unwrap();
            assert!((found - expected.score).abs() < 1e-5, "{label}");
        }
        for &word in &text.windows[0].word_tokens {
            let logits = row_of(&outputs, "slots_logits", word as usize);
            let found = row_of(&outputs, "slots_probabilities", word as usize);
            let powers: Vec<f32> = logits.iter().map(|logit| (logit / 1.75).exp()).collect();
            let sum: f32 = powers.iter().sum();
            for (power, found) in powers.iter().zip(found) {
                assert!((power / sum - found).abs() < 1e-5);
            }
        }
    }
}

#[test]
fn whole_numbers_change_logits_little() {
    for (name, spec) in every_encoder() {
        let folder = model(&spec, Pooling::Mean, specs());
        let options = OnnxOptions {
            int8: true,
            ..OnnxOptions::default()
        };
        let difference = largest_difference(&folder, &options, 7);
        assert!(difference < 2.0, "{name}: {difference}");
        assert!(difference > 1e-4, "{name}: nothing was quantised");
    }
}

#[test]
fn every_combination_of_options_is_a_graph() {
    for (name, spec) in every_encoder() {
        for pooling in [Pooling::First, Pooling::Mean, Pooling::Max] {
            let folder = model(&spec, pooling, specs());
            for bits in 0..32u32 {
                let on = |bit: u32| bits & (1 << bit) != 0;
                let options = OnnxOptions {
                    tasks: if on(0) { vec![task("slots")] } else { vec![] },
                    encoder: !on(0) && on(1),
                    packed: on(2),
                    probabilities: true,
                    optimize: on(3),
                    int8: on(4),
                };
                let graph = onnx_model(&folder, &options).unwrap();
                check_structure(&graph).unwrap_or_else(|broken| panic!("{name}: {broken}"));
            }
        }
    }
}

#[test]
fn names_shapes_and_metadata_are_those_that_programs_ask_for() {
    let folder = model(&mt_net(false), Pooling::Mean, specs());
    let names = |options: &OnnxOptions| -> (Vec<String>, Vec<String>) {
        let graph = onnx_model(&folder, options).unwrap().graph.unwrap();
        let list = |values: Vec<_>| -> Vec<String> {
            values
                .into_iter()
                .map(|value: mtnet_export::onnx::proto::ValueInfoProto| value.name)
                .collect()
        };
        (list(graph.input), list(graph.output))
    };
    let options = OnnxOptions {
        probabilities: true,
        ..OnnxOptions::default()
    };
    let (inputs, outputs) = names(&options);
    assert_eq!(inputs, ["input_ids", "attention_mask", "token_type_ids"]);
    assert_eq!(
        outputs,
        [
            "intent_logits",
            "intent_probabilities",
            "mood_logits",
            "mood_probabilities",
            "stars_logits",
            "slots_logits",
            "slots_probabilities",
            "kind_logits",
            "kind_probabilities",
            "where_start_logits",
            "where_end_logits",
        ]
    );
    let alone = OnnxOptions {
        tasks: vec![task("slots")],
        packed: true,
        ..OnnxOptions::default()
    };
    let (inputs, outputs) = names(&alone);
    assert_eq!(inputs, ["input_ids", "token_type_ids", "cu_seqlens"]);
    assert_eq!(outputs, ["logits"]);
    let alone = OnnxOptions {
        tasks: vec![task("where")],
        ..OnnxOptions::default()
    };
    assert_eq!(names(&alone).1, ["start_logits", "end_logits"]);
    let encoder = OnnxOptions {
        encoder: true,
        ..OnnxOptions::default()
    };
    assert_eq!(
        names(&encoder).1,
        ["last_hidden_state", "sentence_embedding"]
    );

    let model = onnx_model(&folder, &options).unwrap();
    assert_eq!((model.ir_version, model.opset_import[0].version), (8, 17));
    let tasks = model
        .metadata_props
        .iter()
        .find(|entry| entry.key == "mtnet.tasks")
        .unwrap();
    let tasks: serde_json::Value = serde_json::from_str(&tasks.value).unwrap();
    assert_eq!(
        tasks[0]["labels"],
        serde_json::json!(["play", "book", "rate"])
    );
    assert_eq!(
        tasks[3]["transitions"]["start"],
        serde_json::json!([0, 0, -10_000, 0, -10_000])
    );
    assert_eq!(tasks[3]["transitions"]["matrix"][1][2], 0);
    assert_eq!(tasks[3]["transitions"]["matrix"][0][2], -10_000);
}

#[test]
fn what_cannot_be_is_refused_with_the_reason() {
    let folder = model(&mt_net(false), Pooling::Mean, specs());
    for (options, expected) in [
        (
            OnnxOptions {
                tasks: vec![task("intents")],
                ..OnnxOptions::default()
            },
            "no task `intents` in this model; it has intent, mood, stars, slots, kind, where",
        ),
        (
            OnnxOptions {
                tasks: vec![task("mood"), task("mood")],
                ..OnnxOptions::default()
            },
            "task `mood` is named twice; name it once",
        ),
        (
            OnnxOptions {
                tasks: vec![task("mood")],
                encoder: true,
                ..OnnxOptions::default()
            },
            "the encoder alone was asked for, and tasks by name; choose one of the two",
        ),
    ] {
        let error: ExportError = onnx_model(&folder, &options).unwrap_err();
        assert_eq!(error.to_string(), expected);
    }
}

#[test]
fn a_graph_that_is_none_is_told_by_the_rule_it_breaks() {
    let folder = model(&mt_net(false), Pooling::Mean, specs());
    let good = onnx_model(&folder, &OnnxOptions::default()).unwrap();
    let broken = |change: fn(&mut mtnet_export::onnx::proto::ModelProto)| {
        let mut model = good.clone();
        change(&mut model);
        check_structure(&model).unwrap_err()
    };
    let message = broken(|model| model.opset_import.clear());
    assert!(message.contains("which has no version"), "{message}");
    let message = broken(|model| model.graph.as_mut().unwrap().node.reverse());
    assert!(
        message.contains("which nothing before it makes"),
        "{message}"
    );
    let message = broken(|model| {
        model.graph.as_mut().unwrap().initializer[0].raw_data.pop();
    });
    assert!(message.contains("bytes, expected"), "{message}");
    let message = broken(|model| {
        model.graph.as_mut().unwrap().output[0].name = "other".to_owned();
    });
    assert_eq!(message, "nothing makes the output `other`");
    let message = broken(|model| {
        let graph = model.graph.as_mut().unwrap();
        graph.node.push(graph.node[0].clone());
    });
    assert!(message.starts_with("two nodes are called"), "{message}");
}
