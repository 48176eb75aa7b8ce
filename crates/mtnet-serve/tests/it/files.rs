//! Files of the model changed while it is served: nothing reads them any more.

use std::fs;
use std::sync::Arc;

use candle_core::Device;
use mtnet_model::Predictor;
use mtnet_serve::{start, weights_hash};
use serde_json::json;

use crate::figure;

use super::client::post;
use super::model::{folder, settings};

const FILES: [&str; 4] = [
    "config.json",
    "model.safetensors",
    "tasks.json",
    "tokenizer.json",
];

#[test]
fn r29_a_model_that_is_served_needs_its_files_no_more() {
    let copy = tempfile::tempdir().unwrap();
    for name in FILES {
        fs::copy(folder().join(name), copy.path().join(name)).unwrap();
    }
    let predictor = Predictor::open(copy.path(), &Device::Cpu).unwrap();
    let server = start(Arc::new(predictor), settings()).unwrap();
    let ask = || {
        let body = json!({"inputs": ["play some Adele", "book a table for two"]});
        post(server.address, "/predict", &body).ok()
    };
    let before = ask();
    for name in FILES {
        let path = copy.path().join(name);
        fs::write(&path, &fs::read(&path).unwrap()[..7]).unwrap();
        assert_eq!(ask(), before, "{name} cut short");
        fs::write(&path, vec![0; 1 << 20]).unwrap();
        assert_eq!(ask(), before, "{name} replaced");
        fs::remove_file(&path).unwrap();
        assert_eq!(ask(), before, "{name} gone");
    }
    figure(
        "R29",
        "4 files of a served model cut short, replaced and removed: answers unchanged",
    );
}

#[test]
fn weights_are_known_by_their_hash() {
    let hash = weights_hash(&folder()).unwrap();
    assert_eq!(hash.len(), 64);
    assert!(hash.chars().all(|c| c.is_ascii_hexdigit()));
    assert!(weights_hash(&folder().join("none")).is_err());
}
