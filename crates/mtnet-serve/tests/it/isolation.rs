//! A text's answer is its own: whatever stands beside it in a batch.

use std::thread;

use mtnet_serve::start;
use serde_json::{Value, json};

use crate::figure;

use super::client::{Client, post};
use super::model::{Disturbed, Draws, metric, server, settings, wait_for};

const WORDS: [&str; 14] = [
    "play", "hear", "some", "good", "Adele", "Björk", "Miles", "Davis", "book", "a", "table",
    "two", "巴赫", "👍🏽",
];

#[test]
fn r27_texts_alone_and_in_batches_get_the_same_answers() {
    let server = server();
    let mut draws = Draws(27);
    let texts: Vec<String> = (0..500)
        .map(|_| {
            let words = (0..=draws.below(30)).map(|_| *draws.one(&WORDS));
            words.collect::<Vec<_>>().join(" ")
        })
        .collect();
    let mut client = Client::connect(server);
    let mut ask = |inputs: Value| {
        client
            .post("/predict", &json!({"inputs": inputs}))
            .unwrap()
            .ok()
    };
    let alone: Vec<Value> = texts.iter().map(|text| ask(json!(text))).collect();
    for _ in 0..20 {
        let chosen: Vec<usize> = (0..=draws.below(32)).map(|_| draws.below(500)).collect();
        let batch: Vec<&String> = chosen.iter().map(|&at| &texts[at]).collect();
        let found = ask(json!(batch));
        for (at, found) in chosen.iter().zip(found.as_array().unwrap()) {
            assert_same(found, &alone[*at], &texts[*at]);
        }
    }
    figure(
        "R27",
        "500 texts alone and in 20 random batches: labels equal, scores within 1e-5",
    );
}

#[track_caller]
fn assert_same(found: &Value, alone: &Value, text: &str) {
    assert_eq!(found["intent"]["label"], alone["intent"]["label"], "{text}");
    let score = |value: &Value| value["intent"]["score"].as_f64().unwrap();
    assert!((score(found) - score(alone)).abs() <= 1e-5, "{text}");
    let spans = |value: &Value| -> Vec<(Value, Value, Value)> {
        let entities = value["slots"]["entities"].as_array().unwrap().iter();
        entities
            .map(|entity| {
                let at = |key: &str| entity[key].clone();
                (at("label"), at("start"), at("end"))
            })
            .collect()
    };
    assert_eq!(spans(found), spans(alone), "{text}");
}

#[test]
fn r27_one_text_that_panics_is_one_500() {
    let backend = Disturbed::new(Some("poison"));
    backend.shut(true);
    let server = start(backend.clone(), settings()).unwrap();
    let address = server.address;
    let ask = move |text: &'static str| {
        thread::spawn(move || post(address, "/predict", &json!({"inputs": text})).status)
    };
    // The first keeps the model busy, so that the others come to stand in one batch.
    let first = ask("play Bach");
    wait_for("a batch", || backend.batches() == [1]);
    let others: Vec<_> = (0..8)
        .map(|at| (at, ask(if at == 5 { "a poison" } else { "play Adele" })))
        .collect();
    wait_for("the queue", || metric(address, "mtnet_queue_texts") == 8.0);
    backend.shut(false);
    assert_eq!(first.join().unwrap(), 200);
    for (at, status) in others {
        assert_eq!(status.join().unwrap(), if at == 5 { 500 } else { 200 });
    }
    assert_eq!(backend.batches()[1], 8);
    // In a list it takes its own request along, and that alone.
    post(address, "/predict", &json!({"inputs": ["a", "poison"]})).refused(500);
    post(address, "/predict", &json!({"inputs": "play Bach"})).ok();
    assert!(metric(address, "mtnet_panics_total") >= 2.0);
    figure("R27", "a text that panics among 8 is one 500");
}
