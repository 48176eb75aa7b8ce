//! What people send never comes to stand in a log.

use std::io::{self, Write};
use std::panic;
use std::sync::{Arc, Mutex};

use mtnet_serve::{start, tell_panics_without_text};
use serde_json::json;
use tracing_subscriber::fmt::MakeWriter;

use crate::figure;

use super::client::{Client, post};
use super::model::{Disturbed, settings};

/// The log of this process.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Log {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

const CANARY: &str = "canary7a91";

#[test]
fn r27_no_text_is_logged_at_any_level() {
    let log = Log::default();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_ansi(false)
        .with_writer(log.clone())
        .finish();
    tracing::subscriber::set_global_default(subscriber).unwrap();
    let backend = Disturbed::new(Some("poison"));
    let server = start(backend, settings()).unwrap();
    let before = panic::take_hook();
    tell_panics_without_text();
    for (path, body) in [
        ("/predict", json!({"inputs": CANARY})),
        (
            "/predict/slots",
            json!({"inputs": [CANARY, {"text": CANARY, "text_b": CANARY}]}),
        ),
        ("/predict", json!({"inputs": format!("poison {CANARY}")})),
        ("/predict", json!({"inputs": CANARY, "task": CANARY})),
        ("/predict", json!({"inputs": CANARY, CANARY: 1})),
        ("/embed", json!({"inputs": [CANARY]})),
        ("/tokenize", json!({"inputs": CANARY})),
        ("/v1/embeddings", json!({"input": CANARY, "user": CANARY})),
        (&format!("/predict/{CANARY}"), json!({"inputs": CANARY})),
        (&format!("/{CANARY}?q={CANARY}"), json!({"inputs": CANARY})),
    ] {
        post(server.address, path, &body);
    }
    let mut client = Client::connect(server.address);
    let broken = format!("{{\"inputs\": \"{CANARY}");
    client
        .ask(
            "POST",
            "/predict",
            &[("content-type", "application/json")],
            broken.as_bytes(),
        )
        .unwrap()
        .refused(400);
    panic::set_hook(before);
    server.stop();
    let log = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    for expected in [
        "request",
        "status=500",
        "panicked",
        "route=\"/predict/{task}\"",
    ] {
        assert!(log.contains(expected), "no {expected} in\n{log}");
    }
    assert!(!log.contains(CANARY), "{log}");
    figure(
        "R27",
        "the canary of 11 requests is in no log, at any level",
    );
}
