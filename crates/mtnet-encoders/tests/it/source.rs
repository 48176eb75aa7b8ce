//! From the `[encoder]` table to the parts of a model.

use std::fs;
use std::path::Path;

use candle_core::Device;
use mtnet_core::RandomStream;
use mtnet_encoders::{
    EncoderConfig, EncoderError, EncoderParts, EncoderSource, EncoderSpec, HubCache, build_encoder,
};
use mtnet_kernels::{Mode, ParamStore, Pooling};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::{fixture, input, numbers, told};

fn vocabulary(size: usize) -> Vec<String> {
    let mut vocabulary = vec!["<s>".to_owned(), "<pad>".to_owned(), "the".to_owned()];
    vocabulary.extend((3..size).map(|index| format!("##{index}")));
    vocabulary
}

fn prepare(table: Value, base: &Path, tokens: usize) -> Result<EncoderParts, EncoderError> {
    let config: EncoderConfig = serde_json::from_value(table).unwrap();
    let cache = HubCache::new("no-such-cache");
    let source = EncoderSource::open(&config, base, &cache)?;
    let init = RandomStream::new(1);
    source.prepare(&config, &vocabulary(tokens), init, &Device::Cpu)
}

fn fixtures() -> std::path::PathBuf {
    fixture("")
}

/// A folder with the tiny BERT and this `1_Pooling/config.json`.
fn sentence_model(pooling: &Value) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for file in ["config.json", "model.safetensors"] {
        fs::copy(fixture("bert").join(file), folder.path().join(file)).unwrap();
    }
    fs::create_dir(folder.path().join("1_Pooling")).unwrap();
    let file = folder.path().join("1_Pooling/config.json");
    fs::write(file, pooling.to_string()).unwrap();
    folder
}

#[test]
fn a_published_model_takes_the_overrides_of_the_table() {
    let table = json!({
        "from": "bert", "layers": 1, "hidden_dropout": 0.2, "attention_dropout": 0.0, "max_length": 20
    });
    let parts = prepare(table, &fixtures(), 200).unwrap();
    let EncoderSpec::Transformer(spec) = &parts.spec else {
        panic!("BERT is a transformer");
    };
    assert_eq!(spec.num_layers, 1);
    assert_eq!(
        (
            spec.hidden_dropout,
            spec.attention_dropout,
            spec.embedding_dropout
        ),
        (0.2, 0.0, 0.2)
    );
    assert_eq!((parts.max_length, parts.pooling), (20, Pooling::First));
    assert_eq!(parts.tensors.len(), 5 + 16);
    assert!(
        parts
            .ignored
            .contains(&"encoder.layer.1.output.dense.bias".to_owned())
    );
    // Built and saved, it is the model of one layer.
    let store = ParamStore::new(RandomStream::new(1), &Device::Cpu).with_tensors(parts.tensors);
    let encoder = build_encoder(&parts.spec, store.builder()).unwrap();
    assert!(store.initialised().is_empty());
    assert_eq!(encoder.layers(), 1);
    assert_eq!(encoder.config_json()["num_hidden_layers"], 1);
}

#[test]
fn pooling_is_the_tables_or_the_models_or_first() {
    let mean = sentence_model(&json!({"pooling_mode_mean_tokens": true}));
    let from = json!({"from": mean.path()});
    let parts = prepare(from, Path::new(""), 200).unwrap();
    assert_eq!(parts.pooling, Pooling::Mean);
    let from = json!({"from": mean.path(), "pooling": "max"});
    let parts = prepare(from, Path::new(""), 200).unwrap();
    assert_eq!(parts.pooling, Pooling::Max);

    let last = sentence_model(&json!({"pooling_mode": "lasttoken"}));
    let error = prepare(json!({"from": last.path()}), Path::new(""), 200).unwrap_err();
    let message = told(&error);
    assert!(message.contains("1_Pooling"), "{message}");
    assert!(
        message.ends_with("set `pooling` to choose another"),
        "{message}"
    );
    let from = json!({"from": last.path(), "pooling": "first"});
    assert!(prepare(from, Path::new(""), 200).is_ok());
}

#[test]
fn settings_that_do_not_fit_the_model_are_told() {
    for (table, tokens, expected) in [
        (
            json!({"from": "bert"}),
            201,
            "the tokenizer has 201 tokens, but the encoder embeds 200",
        ),
        (
            json!({"from": "bert", "layers": 3}),
            200,
            "in the table `[encoder]`: key `layers` is 3, expected at most 2",
        ),
        (
            json!({"from": "roberta", "max_length": 63}),
            200,
            "in the table `[encoder]`: key `max_length` is 63, expected at most 62",
        ),
        (
            json!({"from": "none"}),
            200,
            "no encoder `none`: there is no folder `",
        ),
        (
            json!({"preset": "mt-net-mini", "word_vectors": "none.txt"}),
            200,
            "cannot read `",
        ),
        (
            json!({"preset": "mt-net-mini", "hidden_size": 30}),
            200,
            "in the table `[encoder]`: 4 attention heads do not divide the hidden size 30",
        ),
        (json!({}), 200, "in the table `[encoder]`: none of"),
    ] {
        let message = told(&prepare(table, &fixtures(), tokens).unwrap_err());
        assert!(message.starts_with(expected), "{message}");
    }
}

#[test]
fn a_preset_starts_from_word_vectors() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("v.txt"), "the 1 2 3 4\nof 5 6 7 8\n").unwrap();
    for (preset, model_type) in [
        ("mt-net-mini", "electra"),
        ("mt-net-small", "electra"),
        ("mt-net-window", "mt-net"),
    ] {
        let table = json!({"preset": preset, "word_vectors": "v.txt", "max_length": 700});
        let parts = prepare(table, folder.path(), 50).unwrap();
        assert_eq!((parts.covered, parts.pooling), (1, Pooling::Mean));
        assert_eq!(parts.max_length, 700);
        let config = parts.spec.config_json();
        assert_eq!(config["model_type"], model_type);
        assert_eq!(config["embedding_size"], 4);
        let store = ParamStore::new(RandomStream::new(1), &Device::Cpu).with_tensors(parts.tensors);
        let encoder = build_encoder(&parts.spec, store.builder()).unwrap();
        let table = store.get("embeddings.word_embeddings.weight").unwrap();
        assert_eq!(table.dims(), [50, 4]);
        assert_eq!(numbers(&table)[8..12], [1.0, 2.0, 3.0, 4.0]);
        assert!(
            encoder
                .forward(&input(&[vec![2, 3]], None), &Mode::Eval)
                .is_ok()
        );
    }
    let table = json!({"preset": "mt-net-mini", "word_vectors": "v.txt", "embedding_size": 8});
    let message = told(&prepare(table, folder.path(), 50).unwrap_err());
    assert!(
        message.ends_with(
            "key `embedding_size` is 8, expected 4, the width of the word vectors; remove it"
        ),
        "{message}"
    );
}

#[test]
fn a_random_preset_knows_its_padding_token() {
    let parts = prepare(json!({"preset": "mt-net-small"}), Path::new(""), 60).unwrap();
    assert!(parts.tensors.is_empty());
    let config = parts.spec.config_json();
    assert_eq!(config["pad_token_id"], 1);
    assert_eq!(config["vocab_size"], 60);
    assert_eq!(config["hidden_size"], 256);
    assert_eq!(config["num_hidden_layers"], 4);
    assert_eq!(config["architectures"], json!(["BertModel"]));
}
