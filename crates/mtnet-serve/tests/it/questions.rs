//! Answers to questions: pairs in every form, places in characters, texts alone.

use std::collections::HashMap;
use std::sync::Arc;

use candle_core::{Device, Tensor};
use mtnet_model::{PredictInput, Predictor};
use mtnet_serve::start;
use serde_json::{Value, json};

use super::client::{get, post};
use super::model::{folder, settings};

/// The model of the tests with one more task, whose weights are drawn by hand.
fn predictor() -> Predictor {
    let place = tempfile::tempdir().expect("a folder");
    for name in ["config.json", "tokenizer.json"] {
        std::fs::copy(folder().join(name), place.path().join(name)).expect("a file");
    }
    let tasks = std::fs::read_to_string(folder().join("tasks.json")).expect("tasks");
    let mut tasks: Value = serde_json::from_str(&tasks).expect("JSON");
    tasks["tasks"].as_array_mut().expect("a list").push(json!({
        "name": "where",
        "head": {"type": "question-answering", "n_best": 2, "overlap": 2},
        "labels": ["start", "end"],
    }));
    std::fs::write(place.path().join("tasks.json"), tasks.to_string()).expect("written");
    let weights = folder().join("model.safetensors");
    let mut tensors: HashMap<String, Tensor> =
        candle_core::safetensors::load(weights, &Device::Cpu).expect("weights");
    let hidden = super::model::predictor()
        .folder()
        .model
        .encoder()
        .hidden_size();
    let values: Vec<f32> = (0..2 * hidden).map(|i| (i as f32 * 1.7).sin()).collect();
    let weight = Tensor::from_vec(values, (2, hidden), &Device::Cpu).expect("a matrix");
    tensors.insert("heads.where.weight".to_owned(), weight);
    let weights = place.path().join("model.safetensors");
    candle_core::safetensors::save(&tensors, weights).expect("written");
    Predictor::open(place.path(), &Device::Cpu).expect("a model folder")
}

#[test]
fn pairs_are_answered_with_places_in_characters_and_texts_alone_are_not() {
    let (question, context) = (
        "play what?",
        "请放 👍🏽 some Adele for two, then book a table ".repeat(4),
    );
    let predictor = predictor();
    let expected = predictor
        .predict(&[PredictInput::pair(question, &*context)], &[])
        .expect("an answer");
    let best = expected[0].answer("where").expect("the best span").clone();
    let server = start(Arc::new(predictor), settings()).expect("a server");
    let address = server.address;

    let named = json!({"inputs": {"text": question, "text_b": context}});
    let found = post(address, "/predict", &named).ok();
    let answers = found["where"]["answers"].as_array().expect("answers");
    assert_eq!(answers.len(), 2);
    let (start, end) = (best.start, best.end);
    assert_eq!(
        (&answers[0]["start"], &answers[0]["end"]),
        (&json!(start), &json!(end))
    );
    let slice: String = context.chars().skip(start).take(end - start).collect();
    assert_eq!(answers[0]["text"], json!(slice));
    assert!(found["where"].get("no_answer").is_none());

    let list = json!({"inputs": [[question, context]], "task": "where"});
    let flat = post(address, "/predict", &list).ok();
    assert_eq!(flat[0][0]["label"], "answer");
    assert_eq!(flat[0][0]["start"], json!(start));
    let path = post(
        address,
        "/predict/where",
        &json!({"inputs": [[question, context]]}),
    )
    .ok();
    assert_eq!(path[0][0]["text"], json!(slice));

    // A text alone: other tasks answer; this one by itself is refused, and names the form.
    let alone = post(address, "/predict", &json!({"inputs": question})).ok();
    assert!(alone.get("where").is_none() && alone.get("intent").is_some());
    let mixed = json!({"inputs": [[question, context], question], "task": "where"});
    let message = post(address, "/predict", &mixed).refused(422);
    assert!(
        message
            .starts_with("task `where` answers a question about a text, and input 1 is one text"),
        "{message}"
    );
    let info = get(address, "/info").ok();
    assert_eq!(
        info["tasks"].as_array().unwrap().last().unwrap()["head"],
        "question-answering"
    );
}
