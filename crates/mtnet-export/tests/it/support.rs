//! Small models of every kind, and texts that are odd in every way.

use candle_core::{Device, Tensor};
use mtnet_core::{RandomStream, TaskName};
use mtnet_encoders::{EncoderConfig, EncoderSpec, Preset, build_encoder};
use mtnet_heads::{HeadRegistry, TaskSpec};
use mtnet_kernels::{ParamStore, Pooling};
use mtnet_model::{ModelFolder, MultiTaskModel, PredictInput, Predictor};
use mtnet_text::{TextTokenizer, WordPieceConfig, train_wordpiece};
use serde_json::{Value, json};

/// Tokens that a sequence of the test models can hold.
pub const MAX_LENGTH: usize = 24;

const TEXTS: [&str; 6] = [
    "play some Bach and book a table for two in Oslo",
    "add the new song to my gym playlist, please!",
    "订一张去北京的机票",
    "wie wird das Wetter morgen in Zürich?",
    "ok 👍🏽 👨‍👩‍👧 fine",
    "rate this album four of five stars",
];

/// A tokenizer that knows the words of the texts.
pub fn tokenizer() -> TextTokenizer {
    let config = WordPieceConfig {
        min_frequency: 1,
        ..WordPieceConfig::default()
    };
    train_wordpiece(TEXTS.into_iter(), &config, &[]).unwrap()
}

/// Inputs of every kind: empty, one token, longest, too long, Chinese, emoji, pairs, given words.
pub fn odd_inputs() -> Vec<PredictInput> {
    let mut inputs: Vec<PredictInput> = TEXTS.iter().copied().map(PredictInput::text).collect();
    let long = "play the song ".repeat(40);
    inputs.extend(
        [
            "",
            " ",
            "a",
            "北",
            "👨‍👩‍👧",
            "\u{200b}",
            "é\u{301}",
            long.as_str(),
        ]
        .map(PredictInput::text),
    );
    inputs.push(PredictInput::pair("book a table", "in Oslo for two"));
    inputs.push(PredictInput::pair("", "订一张"));
    inputs.push(PredictInput::pair("where is it?", &*long));
    inputs.push(PredictInput::words(&["play", "北京", "👍🏽"]));
    inputs
}

/// Tasks, one of each built-in head, and a classifier with a dense layer.
pub fn specs() -> Vec<TaskSpec> {
    [
        (
            "intent",
            json!("classification"),
            &["play", "book", "rate"][..],
        ),
        (
            "mood",
            json!({"type": "multi-label", "threshold": 0.4}),
            &["glad", "sad"],
        ),
        (
            "stars",
            json!({"type": "regression", "shift": [3.0, -1.0], "scale": [1.5, 20.0]}),
            &["stars", "price"],
        ),
        (
            "slots",
            json!("token-classification"),
            &["O", "B-who", "I-who", "B-place", "I-place"],
        ),
        (
            "kind",
            json!({"type": "classification", "dense": "tanh"}),
            &["a", "b"],
        ),
        ("where", json!("question-answering"), &["start", "end"]),
    ]
    .into_iter()
    .map(|(name, head, labels)| {
        let head = serde_json::from_value(head).unwrap();
        TaskSpec::new(TaskName::new(name).unwrap(), head, labels.iter().copied())
    })
    .collect()
}

pub fn task(name: &str) -> TaskName {
    TaskName::new(name).unwrap()
}

/// A model of random weights, larger than at the start of training so that answers differ.
pub fn model(spec: &EncoderSpec, pooling: Pooling, tasks: Vec<TaskSpec>) -> ModelFolder {
    let (seed, tokenizer) = (7, tokenizer());
    let store =
        |tensors| ParamStore::new(RandomStream::new(seed), &Device::Cpu).with_tensors(tensors);
    let make = |store: ParamStore| {
        let encoder = build_encoder(spec, store.builder()).unwrap();
        let registry = HeadRegistry::default();
        MultiTaskModel::new(encoder, pooling, tasks.clone(), &registry, store).unwrap()
    };
    let drawn = make(store(Default::default()));
    let stream = RandomStream::new(seed).child("noise");
    let tensors = drawn.parameters().vars().into_iter().map(|(name, var)| {
        let mut draws = stream.child(&name);
        let values: Vec<f32> = (0..var.elem_count())
            .map(|_| draws.normal() as f32 * 0.15)
            .collect();
        let noise = Tensor::from_vec(values, var.dims(), &Device::Cpu).unwrap();
        (name, (var.as_tensor() + noise).unwrap())
    });
    let model = make(store(tensors.collect()));
    ModelFolder {
        model,
        tokenizer,
        max_length: MAX_LENGTH,
    }
}

/// A published configuration of a family, small.
pub fn family(model_type: &str) -> EncoderSpec {
    let vocab = tokenizer().vocab_size();
    let mut config = json!({
        "model_type": model_type, "vocab_size": vocab, "hidden_size": 16, "num_hidden_layers": 2,
        "num_attention_heads": 4, "intermediate_size": 32, "max_position_embeddings": 40,
        "hidden_act": "gelu", "pad_token_id": 0,
    });
    let more = match model_type {
        "roberta" | "xlm-roberta" => {
            json!({"type_vocab_size": 1, "layer_norm_eps": 1e-5, "pad_token_id": 1})
        }
        "electra" => json!({"embedding_size": 8, "hidden_act": "gelu_new"}),
        "distilbert" => json!({
            "dim": 16, "n_layers": 2, "n_heads": 4, "hidden_dim": 32, "activation": "relu"
        }),
        "mt-net-transformer" => {
            json!({"embedding_size": 12, "window_radius": 2, "hidden_act": "silu"})
        }
        _ => json!({}),
    };
    if let (Value::Object(config), Value::Object(more)) = (&mut config, more) {
        config.extend(more);
    }
    EncoderSpec::from_config_json(&config).unwrap()
}

/// MT-Net with two window layers and two above them, which may read the whole text as well.
pub fn mt_net(global_context: bool) -> EncoderSpec {
    let config = EncoderConfig {
        global_context,
        embedding_size: Some(12),
        hidden_size: Some(16),
        num_window_layers: Some(2),
        num_layers: Some(2),
        ..EncoderConfig::default()
    };
    let vocab = tokenizer().vocab_size();
    Preset::MtNetWindow.spec(&config, vocab, 0, None).unwrap()
}

/// Every kind of encoder with a name.
pub fn every_encoder() -> Vec<(&'static str, EncoderSpec)> {
    let families = [
        "bert",
        "roberta",
        "xlm-roberta",
        "electra",
        "distilbert",
        "mt-net-transformer",
    ];
    let mut all: Vec<_> = families.map(|name| (name, family(name))).into();
    all.push(("mt-net", mt_net(false)));
    all.push(("mt-net of whole texts", mt_net(true)));
    all
}

/// A predictor over a copy of a model.
pub fn predictor(folder: &ModelFolder) -> Predictor {
    let place = tempfile::tempdir().unwrap();
    folder.save(place.path()).unwrap();
    Predictor::open(place.path(), &Device::Cpu).unwrap()
}
