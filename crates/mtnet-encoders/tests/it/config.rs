//! The `[encoder]` table and `config.json`: what is read, what is written, what is refused.

use mtnet_encoders::{EncoderConfig, EncoderSpec, Preset};
use serde_json::{Value, json};

use crate::support::{every_spec, fixture, json as read};

#[test]
fn a_table_that_could_not_work_is_told_why() {
    for (table, expected) in [
        (json!({}), "none of `from` and `preset` are given"),
        (
            json!({"from": "a", "preset": "mt-net-mini"}),
            "both `from` and `preset` are given",
        ),
        (
            json!({"from": "a", "hidden_size": 64}),
            "key `hidden_size` has no effect with `from = \"a\"`; remove it",
        ),
        (
            json!({"from": "a", "word_vectors": "v.txt"}),
            "key `word_vectors` has no effect with `from = \"a\"`",
        ),
        (
            json!({"preset": "mt-net-mini", "layers": 1}),
            "key `layers` has no effect with `preset = \"mt-net-mini\"`; set `num_layers`",
        ),
        (
            json!({"preset": "mt-net-mini", "num_window_layers": 1}),
            "key `num_window_layers` has no effect",
        ),
        (
            json!({"preset": "mt-net-window", "num_attention_heads": 2}),
            "MT-Net has no attention",
        ),
        (
            json!({"preset": "mt-net-mini", "hidden_dropout": 1.0}),
            "key `hidden_dropout` is 1, expected a probability, at least 0 and below 1",
        ),
        (
            json!({"preset": "mt-net-mini", "hidden_size": 0}),
            "key `hidden_size` is 0, expected between 1 and 131072",
        ),
        (
            json!({"preset": "mt-net-mini", "max_length": 2}),
            "key `max_length` is 2, expected at least 3",
        ),
        (
            json!({"preset": "mt-net-mini", "word_vectors_std": 0.1}),
            "key `word_vectors_std` has no effect with random embeddings",
        ),
    ] {
        let config: EncoderConfig = serde_json::from_value(table).unwrap();
        let message = config.check().unwrap_err().to_string();
        assert!(
            message.starts_with(expected) || message.ends_with(expected),
            "{message}"
        );
    }
}

#[test]
fn a_table_is_read_strictly_and_written_without_what_was_not_set() {
    let text = r#"{"from":"a/b","pooling":"mean","freeze":true,"freeze_layers":2}"#;
    let config: EncoderConfig = serde_json::from_str(text).unwrap();
    assert_eq!(config.check(), Ok(()));
    assert_eq!(serde_json::to_string(&config).unwrap(), text);
    for wrong in [
        r#"{"form":"a/b"}"#,
        r#"{"preset":"mt-net-maxi"}"#,
        r#"{"from":1}"#,
    ] {
        assert!(serde_json::from_str::<EncoderConfig>(wrong).is_err());
    }
}

#[test]
fn the_schema_describes_every_key() {
    let schema = schemars::schema_for!(EncoderConfig).to_value();
    let properties = schema["properties"].as_object().unwrap();
    assert_eq!(properties.len(), 27);
    for (key, property) in properties {
        assert!(property["description"].is_string(), "{key}");
    }
    assert_eq!(schema["additionalProperties"], false);
}

#[test]
fn a_written_configuration_is_read_back() {
    for (name, spec) in every_spec() {
        let config = spec.config_json();
        let back = EncoderSpec::from_config_json(&config).unwrap();
        assert_eq!(back.config_json(), config, "{name}");
        assert_eq!(back.parameters().unwrap(), spec.parameters().unwrap());
    }
}

#[test]
fn a_written_configuration_keeps_what_was_published_and_tells_what_changed() {
    let mut config = read(&fixture("roberta").join("config.json"));
    config["architectures"] = json!(["RobertaForMaskedLM"]);
    config["dtype"] = json!("bfloat16");
    let mut spec = EncoderSpec::from_config_json(&config).unwrap();
    let EncoderSpec::Transformer(transformer) = &mut spec else {
        panic!("RoBERTa is a transformer");
    };
    transformer.num_layers = 1;
    transformer.embedding_dropout = 0.3;
    let written = spec.config_json();
    assert_eq!(written["num_hidden_layers"], 1);
    assert_eq!(written["embedding_dropout_prob"], 0.3);
    assert_eq!(written["architectures"], json!(["RobertaModel"]));
    assert_eq!(written["dtype"], "float32");
    assert_eq!(written["eos_token_id"], 2);
    assert_eq!(written["model_type"], "roberta");
    // Positions begin behind the padding token's.
    assert_eq!(spec.max_length(), 62);
}

#[test]
fn presets_take_the_simplest_family_that_holds_them() {
    let model_type = |preset: Preset, config: Value| {
        let config: EncoderConfig = serde_json::from_value(config).unwrap();
        let spec = preset.spec(&config, 100, 0, None).unwrap();
        spec.config_json()["model_type"]
            .as_str()
            .unwrap()
            .to_owned()
    };
    assert_eq!(model_type(Preset::MtNetMini, json!({})), "bert");
    assert_eq!(model_type(Preset::MtNetSmall, json!({})), "bert");
    let narrow = json!({"embedding_size": 64});
    assert_eq!(model_type(Preset::MtNetMini, narrow), "electra");
    let window = json!({"window_radius": 1});
    assert_eq!(model_type(Preset::MtNetMini, window), "mt-net-transformer");
    assert_eq!(model_type(Preset::MtNetWindow, json!({})), "mt-net");
}

#[test]
fn a_configuration_that_is_not_built_is_told_why() {
    let changed = |changes: Value| {
        let mut config = read(&fixture("bert").join("config.json"));
        for (key, value) in changes.as_object().unwrap() {
            config[key] = value.clone();
        }
        config
    };
    for (config, expected) in [
        (json!([]), "expected a JSON object, found an array"),
        (json!({}), "key `model_type` is missing"),
        (
            changed(json!({"model_type": "t5"})),
            "model_type `t5` is not supported, expected one of `bert`, `roberta`, `xlm-roberta`, `electra`, `distilbert`, `mt-net-transformer`, `mt-net`",
        ),
        (
            changed(json!({"hidden_size": null})),
            "key `hidden_size` is missing",
        ),
        (
            changed(json!({"hidden_size": "32"})),
            "key `hidden_size` is \"32\", expected a whole number",
        ),
        (
            changed(json!({"num_attention_heads": 5})),
            "5 attention heads do not divide the hidden size 32",
        ),
        (
            changed(json!({"num_hidden_layers": 0})),
            "key `num_hidden_layers` is 0, expected between 1 and 1024",
        ),
        (
            changed(json!({"num_hidden_layers": 1_000_000_000})),
            "key `num_hidden_layers` is 1000000000, expected between 1 and 1024",
        ),
        (
            changed(json!({"hidden_act": "mish"})),
            "key `hidden_act` is \"mish\", expected `gelu`",
        ),
        (
            changed(json!({"hidden_dropout_prob": -0.1})),
            "key `hidden_dropout_prob` is -0.1, expected a number, at least 0",
        ),
        (
            changed(json!({"position_embedding_type": "relative_key"})),
            "key `position_embedding_type` is \"relative_key\", expected `absolute`",
        ),
        (
            changed(json!({"is_decoder": true})),
            "key `is_decoder` is true, expected `false`",
        ),
        (
            changed(json!({"model_type": "roberta", "pad_token_id": 63})),
            "key `max_position_embeddings` is 64, expected more rows than",
        ),
        (
            json!({"model_type": "mt-net", "vocab_size": 9, "embedding_size": 4, "hidden_size": 4, "radius": 1}),
            "unknown field `radius`",
        ),
        (
            json!({"model_type": "mt-net", "vocab_size": 9, "embedding_size": 4, "hidden_size": 4, "num_window_layers": 0, "num_hidden_layers": 0}),
            "key `num_hidden_layers` is 0, expected at least 1",
        ),
    ] {
        let message = EncoderSpec::from_config_json(&config)
            .unwrap_err()
            .to_string();
        assert!(message.starts_with(expected), "{message}");
    }
}
