//! What routes answer, against the predictor.

use mtnet_model::PredictInput;
use mtnet_serve::start;
use serde_json::{Value, json};

use super::client::{Client, get, post};
use super::model::{Disturbed, predictor, server, settings};

const TEXTS: [&str; 4] = [
    "play some Adele",
    "请放巴赫 play Adele 👍🏽",
    "book a table for two",
    "x",
];

fn predicted(inputs: &[PredictInput]) -> Value {
    let predictions = predictor().predict(inputs, &[]).expect("predictions");
    serde_json::to_value(predictions).expect("JSON")
}

/// JSON equal but for the last digits of its numbers, which another batch may round otherwise.
#[track_caller]
fn assert_close(found: &Value, expected: &Value) {
    match (found, expected) {
        (Value::Number(a), Value::Number(b)) => {
            let (a, b) = (a.as_f64().unwrap(), b.as_f64().unwrap());
            assert!((a - b).abs() <= 1e-5, "{a} is not {b}");
        }
        (Value::Array(a), Value::Array(b)) => {
            assert_eq!(a.len(), b.len(), "{found}\n{expected}");
            a.iter().zip(b).for_each(|(a, b)| assert_close(a, b));
        }
        (Value::Object(a), Value::Object(b)) => {
            let keys = |object: &serde_json::Map<String, Value>| {
                let mut keys: Vec<String> = object.keys().cloned().collect();
                keys.sort();
                keys
            };
            assert_eq!(keys(a), keys(b));
            a.iter().for_each(|(key, a)| assert_close(a, &b[key]));
        }
        _ => assert_eq!(found, expected),
    }
}

#[test]
fn every_task_answers_as_the_predictor_does() {
    let server = server();
    let expected = predicted(&TEXTS.map(PredictInput::text));
    assert_close(
        &post(server, "/predict", &json!({"inputs": TEXTS})).ok(),
        &expected,
    );
    for (text, expected) in TEXTS.iter().zip(expected.as_array().unwrap()) {
        assert_close(
            &post(server, "/predict", &json!({"inputs": text})).ok(),
            expected,
        );
    }
    let pair = predicted(&[PredictInput::pair("play", "Bach")]);
    let words = predicted(&[PredictInput::words(&["play", "Adele"])]);
    let inputs = json!([["play", "Bach"], {"tokens": ["play", "Adele"]}]);
    let found = post(server, "/predict", &json!({"inputs": inputs})).ok();
    assert_close(&found, &json!([pair[0], words[0]]));
}

#[test]
fn one_task_answers_as_a_flat_list() {
    let server = server();
    let all = predicted(&[PredictInput::text(TEXTS[1])]);
    let flat = post(server, "/predict/intent", &json!({"inputs": TEXTS[1]})).ok();
    assert_close(&flat, &all[0]["intent"]["scores"]);
    let by_key = post(
        server,
        "/predict",
        &json!({"inputs": [TEXTS[1]], "task": "intent"}),
    )
    .ok();
    assert_close(&by_key, &json!([flat]));

    let slots = post(server, "/predict/slots", &json!({"inputs": TEXTS[1]})).ok();
    assert_close(&slots, &all[0]["slots"]["entities"]);
    // Offsets count characters: the slice of them is the entity.
    let characters: Vec<char> = TEXTS[1].chars().collect();
    for entity in slots.as_array().unwrap() {
        let at = |key: &str| entity[key].as_u64().unwrap() as usize;
        let slice: String = characters[at("start")..at("end")].iter().collect();
        assert_eq!(entity["text"], slice);
    }
    assert_eq!(slots[0]["text"], "巴赫");

    let mood = post(server, "/predict/mood", &json!({"inputs": "play Bach"})).ok();
    assert_eq!(mood[0]["label"], "mood");
    let tags = post(server, "/predict/pos", &json!({"inputs": "play Bach"})).ok();
    assert_eq!(tags[1]["text"], "Bach");
    assert_eq!(tags[1]["label"], "NAME");
}

#[test]
fn the_named_tasks_answer_and_no_other() {
    let body = json!({"inputs": "play Bach", "tasks": ["topics", "intent", "intent"]});
    let found = post(server(), "/predict", &body).ok();
    let keys: Vec<_> = found.as_object().unwrap().keys().cloned().collect();
    assert_eq!(keys, ["intent", "topics"]);
}

#[test]
fn raw_scores_are_what_probabilities_were_made_of() {
    let server = server();
    let ask = |raw: bool| {
        let body = json!({"inputs": "play some Bach", "task": "intent", "raw_scores": raw});
        post(server, "/predict", &body).ok()
    };
    let (scores, raw) = (ask(false), ask(true));
    let powers: Vec<f64> = raw
        .as_array()
        .unwrap()
        .iter()
        .map(|label| label["score"].as_f64().unwrap().exp())
        .collect();
    let sum: f64 = powers.iter().sum();
    for (index, power) in powers.iter().enumerate() {
        assert_eq!(scores[index]["label"], raw[index]["label"]);
        assert!((scores[index]["score"].as_f64().unwrap() - power / sum).abs() < 1e-5);
    }
}

#[test]
fn embeddings_are_the_predictors_with_length_one() {
    let server = server();
    let expected = predictor().embed(&TEXTS.map(PredictInput::text)).unwrap();
    let plain = json!({"inputs": TEXTS, "normalize": false});
    assert_close(&post(server, "/embed", &plain).ok(), &json!(expected));
    let rows = post(server, "/embed", &json!({"inputs": TEXTS[0]})).ok();
    let row: Vec<f64> = serde_json::from_value(rows[0].clone()).unwrap();
    assert!((row.iter().map(|x| x * x).sum::<f64>() - 1.0).abs() < 1e-5);

    let found = post(
        server,
        "/v1/embeddings",
        &json!({"input": TEXTS, "model": "any"}),
    )
    .ok();
    assert_eq!(found["object"], "list");
    assert_eq!(found["data"].as_array().unwrap().len(), TEXTS.len());
    assert_close(&found["data"][0]["embedding"], &rows[0]);
    assert!(found["usage"]["total_tokens"].as_u64().unwrap() >= 8);
    let base64 = json!({"input": "x", "encoding_format": "base64"});
    let found = post(server, "/v1/embeddings", &base64).ok();
    assert_eq!(found["data"][0]["embedding"].as_str().unwrap().len(), 128);

    let sentences =
        json!({"inputs": {"source_sentence": TEXTS[0], "sentences": [TEXTS[0], TEXTS[2]]}});
    let cosines = post(server, "/similarity", &sentences).ok();
    assert_close(&cosines[0], &json!(1.0));
    assert!(cosines[1].as_f64().unwrap() < 0.999);
}

#[test]
fn tokens_are_slices_of_the_text() {
    let text = "请放 Adele, 👍🏽 e\u{301}!";
    let server = server();
    let lists = post(server, "/tokenize", &json!({"inputs": text})).ok();
    let characters: Vec<char> = text.chars().collect();
    let tokens = lists[0].as_array().unwrap();
    assert!(tokens.iter().any(|token| token["special"] == true));
    for token in tokens.iter().filter(|token| token["special"] == false) {
        let at = |key: &str| token[key].as_u64().unwrap() as usize;
        let slice: String = characters[at("start")..at("stop")].iter().collect();
        assert_eq!(token["text"], slice, "{token}");
    }
    let bare = json!({"inputs": [text], "add_special_tokens": false});
    let bare = post(server, "/tokenize", &bare).ok();
    assert!(
        bare[0]
            .as_array()
            .unwrap()
            .iter()
            .all(|token| token["special"] == false)
    );
}

#[test]
fn a_long_text_is_cut_and_says_so_or_is_refused() {
    let text = "play some good Bach please ".repeat(20);
    let server = server();
    let answer = post(server, "/predict", &json!({"inputs": text}));
    assert_eq!(answer.header("x-truncated"), Some("true"));
    // Tags reach over all windows.
    let answer = answer.ok();
    assert_eq!(answer["pos"]["words"].as_array().unwrap().len(), 100);
    let last = answer["slots"]["entities"]
        .as_array()
        .unwrap()
        .last()
        .unwrap();
    assert!(last["start"].as_u64().unwrap() > 400, "{last}");
    let message = post(
        server,
        "/predict",
        &json!({"inputs": text, "truncate": false}),
    )
    .refused(422);
    assert!(message.contains("expected at most 24"), "{message}");
}

#[test]
fn heads_say_who_asked_and_what_it_took() {
    let server = server();
    let mut client = Client::connect(server);
    let headers = [
        ("content-type", "application/json"),
        ("x-request-id", "abc-1"),
    ];
    let answer = client
        .ask("POST", "/predict", &headers, br#"{"inputs": "play Bach"}"#)
        .unwrap();
    assert_eq!(answer.header("x-request-id"), Some("abc-1"));
    assert_eq!(answer.header("x-compute-characters"), Some("9"));
    for name in [
        "x-compute-tokens",
        "x-compute-time",
        "x-total-time",
        "x-queue-time",
        "x-inference-time",
    ] {
        let value: f64 = answer.header(name).unwrap().parse().unwrap();
        assert!(value >= 0.0, "{name}");
    }
    // An id that could break a log is replaced.
    let odd = [("x-request-id", "a b")];
    let answer = client.ask("GET", "/health", &odd, b"").unwrap();
    assert!(
        answer
            .header("x-request-id")
            .is_some_and(|id| id != "a b" && !id.is_empty())
    );
}

#[test]
fn calibrated_probabilities_are_served_and_raw_scores_stay() {
    let calibrated = predictor();
    let scores = json!({"log_loss": 0.5, "expected_calibration_error": 0.1});
    let written = json!({
        "temperature": 2.5, "examples": 100, "before": scores, "after": scores
    });
    let folder = calibrated.folder();
    let index = folder.model.task_index(&"intent".parse().unwrap()).unwrap();
    let calibration = serde_json::from_value(written).unwrap();
    folder.model.tasks()[index].calibrate(calibration).unwrap();
    let running = start(std::sync::Arc::new(calibrated), settings()).unwrap();

    let info = get(running.address, "/info").ok();
    assert_eq!(info["tasks"][index]["temperature"], 2.5);
    let ask = |address, raw: bool| {
        let body = json!({"inputs": TEXTS[0], "raw_scores": raw});
        let list = post(address, "/predict/intent", &body).ok();
        let of = |one: &Value| {
            let label = one["label"].as_str().unwrap().to_owned();
            (label, one["score"].as_f64().unwrap())
        };
        list.as_array().unwrap().iter().map(of).collect::<Vec<_>>()
    };
    let raw = ask(running.address, true);
    assert_eq!(raw, ask(server(), true));
    let found = ask(running.address, false);
    let sum: f64 = raw.iter().map(|(_, score)| (score / 2.5).exp()).sum();
    for ((label, found), (same, score)) in found.iter().zip(&raw) {
        assert_eq!(label, same);
        assert!((found - (score / 2.5).exp() / sum).abs() < 1e-5, "{label}");
    }
    assert_ne!(found, ask(server(), false));
}

#[test]
fn the_server_describes_itself_and_counts() {
    let server = server();
    let info = get(server, "/info").ok();
    assert_eq!(info["tasks"].as_array().unwrap().len(), 5);
    assert_eq!(info["max_input_length"], 24);
    assert_eq!(
        (get(server, "/health").status, get(server, "/ready").status),
        (200, 200)
    );
    post(server, "/predict", &json!({"inputs": "play Bach"})).ok();
    let metrics = String::from_utf8(get(server, "/metrics").body).unwrap();
    for line in [
        "mtnet_requests_total{route=\"/predict\",status=\"200\"} ",
        "mtnet_queue_duration_seconds_count ",
        "mtnet_batch_tokens_sum ",
        "mtnet_task_duration_seconds_bucket{task=\"slots\",le=\"+Inf\"} ",
        "mtnet_ready 1",
    ] {
        assert!(metrics.contains(line), "{line}\n{metrics}");
    }
    let document = get(server, "/openapi.json").ok();
    for path in [
        "/predict",
        "/predict/{task}",
        "/embed",
        "/v1/embeddings",
        "/similarity",
        "/tokenize",
        "/info",
        "/health",
        "/ready",
        "/metrics",
    ] {
        assert!(document["paths"][path].is_object(), "{path}");
    }
}

#[test]
fn a_key_guards_what_costs_and_metrics_can_have_an_address_of_their_own() {
    let probe = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let free = probe.local_addr().unwrap();
    drop(probe);
    let guarded = mtnet_serve::Settings {
        api_key: Some(mtnet_serve::ApiKey::new("open sesame")),
        metrics_address: Some(free),
        ..settings()
    };
    let server = start(Disturbed::new(None), guarded).unwrap();
    for path in [
        "/",
        "/page.css",
        "/docs",
        "/openapi.json",
        "/health",
        "/ready",
    ] {
        assert_eq!(get(server.address, path).status, 200, "{path}");
    }
    let body = br#"{"inputs": "play Bach"}"#;
    let ask = |key: &str| {
        let headers = [("content-type", "application/json"), ("authorization", key)];
        let mut client = Client::connect(server.address);
        client.ask("POST", "/predict", &headers, body).unwrap()
    };
    for wrong in [
        "",
        "Bearer",
        "Bearer ",
        "Bearer open",
        "Bearer open sesame2",
        "open sesame",
        "Basic open sesame",
    ] {
        let answer = ask(wrong);
        answer.refused(401);
        assert_eq!(answer.header("www-authenticate"), Some("Bearer"));
    }
    ask("Bearer open sesame").ok();
    ask("bearer open sesame").ok();
    get(server.address, "/info").refused(401);
    get(server.address, "/metrics").refused(404);
    let metrics = get(free, "/metrics");
    assert_eq!(metrics.status, 200);
    assert!(String::from_utf8_lossy(&metrics.body).contains("status=\"401\""));
}
