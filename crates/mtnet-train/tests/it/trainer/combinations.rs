//! Every kind of encoder under every kind of head: gradients everywhere, and no text sees another.

use std::collections::BTreeMap;

use candle_core::{Device, Tensor};
use mtnet_core::{PackedBatch, RandomStream, Target, TaskName};
use mtnet_encoders::{EncoderSpec, build_encoder};
use mtnet_heads::{Answer, HeadRegistry, TaskSpec};
use mtnet_kernels::{Mode, ParamStore, Pooling};
use mtnet_model::MultiTaskModel;
use mtnet_text::{PackItem, TokenSpan, Window, pack};

const LENGTHS: [usize; 4] = [3, 17, 6, 40];

pub(super) fn encoders() -> Vec<(String, serde_json::Value)> {
    let transformer = |family: &str| {
        serde_json::json!({
            "model_type": family, "vocab_size": 60, "hidden_size": 16, "num_hidden_layers": 2,
            "num_attention_heads": 2, "intermediate_size": 24, "max_position_embeddings": 64,
            "type_vocab_size": 2, "embedding_size": 16, "pad_token_id": 0, "hidden_act": "gelu",
            "layer_norm_eps": 1e-12, "dim": 16, "hidden_dim": 24, "n_layers": 2, "n_heads": 2, "activation": "gelu"
        })
    };
    let mut all: Vec<(String, serde_json::Value)> =
        ["bert", "roberta", "xlm-roberta", "electra", "distilbert"]
            .map(|family| (family.to_owned(), transformer(family)))
            .into();
    for preset in ["mt-net-mini", "mt-net-window"] {
        let table = format!(
            "preset = \"{preset}\"\nhidden_size = 16\n{}",
            if preset == "mt-net-mini" {
                "window_radius = 1\nembedding_size = 8\n"
            } else {
                ""
            }
        );
        let config: mtnet_encoders::EncoderConfig = toml::from_str(&table).unwrap();
        let spec = config.preset.unwrap().spec(&config, 60, 0, None).unwrap();
        all.push((preset.to_owned(), spec.config_json()));
    }
    all
}

pub(super) fn model(config: &serde_json::Value, pooling: Pooling) -> MultiTaskModel {
    let spec = EncoderSpec::from_config_json(config).unwrap();
    let store = ParamStore::new(RandomStream::new(2), &Device::Cpu);
    let encoder = build_encoder(&spec, store.builder()).unwrap();
    let task = |name: &str, head: &str, labels: &[&str]| {
        TaskSpec::new(
            TaskName::new(name).unwrap(),
            head.parse().unwrap(),
            labels.iter().copied(),
        )
    };
    let specs = vec![
        task("class", "classification", &["a", "b", "c"]),
        task("labels", "multi-label", &["a", "b"]),
        task("number", "regression", &["x"]),
        task("tags", "token-classification", &["O", "B-x", "I-x"]),
        task("where", "question-answering", &["start", "end"]),
    ];
    MultiTaskModel::new(encoder, pooling, specs, &HeadRegistry::default(), store).unwrap()
}

pub(super) fn windows() -> Vec<Window> {
    let mut stream = RandomStream::new(4);
    let window = |&length: &usize| Window {
        input_ids: (0..length).map(|_| 1 + stream.below(59)).collect(),
        type_ids: (0..length).map(|at| u32::from(at > length / 2)).collect(),
        spans: (0..length as u32)
            .map(|at| {
                let second = at > length as u32 / 2;
                second.then_some(TokenSpan {
                    segment: 1,
                    start: 2 * at,
                    end: 2 * at + 1,
                })
            })
            .collect(),
        first_word: 0,
        word_tokens: (1..length as u32 - 1).collect(),
    };
    LENGTHS.iter().map(window).collect()
}

pub(super) fn batch(windows: &[Window]) -> PackedBatch {
    let names =
        ["class", "labels", "number", "tags", "where"].map(|name| TaskName::new(name).unwrap());
    let targets: Vec<Vec<Target>> = windows
        .iter()
        .enumerate()
        .map(|(at, window)| {
            let tags = (0..window.word_tokens.len() as u32)
                .map(|word| word % 3)
                .collect();
            let labels = if at % 2 == 0 { vec![0] } else { vec![0, 1] };
            vec![
                Target::Class(at as u32 % 3),
                Target::MultiLabel(labels),
                Target::Numbers(vec![at as f32]),
                Target::Tags(tags),
                answer(window),
            ]
        })
        .collect();
    let items: Vec<PackItem> = windows
        .iter()
        .zip(&targets)
        .enumerate()
        .map(|(example, (window, targets))| PackItem {
            example,
            window,
            first: true,
            targets: names.iter().zip(targets).collect(),
        })
        .collect();
    pack(
        &items,
        &BTreeMap::from([(names[1].clone(), 2), (names[2].clone(), 1)]),
    )
}

/// The last token of the second text, or the last two.
fn answer(window: &Window) -> Target {
    let mut bytes = window.spans.iter().flatten();
    let end = bytes.next_back().map_or(0, |span| span.end as usize);
    let before = bytes.next_back().map(|span| span.start as usize);
    let place = before.unwrap_or(end - 1)..end;
    Target::Spans {
        context: "".into(),
        answers: vec![place],
    }
}

#[test]
fn every_parameter_receives_a_gradient_from_every_head() {
    let batch = batch(&windows());
    for (family, config) in encoders() {
        for pooling in [Pooling::First, Pooling::Mean, Pooling::Max] {
            let model = model(&config, pooling);
            let losses = model
                .losses(&batch, &Mode::Train(RandomStream::new(9)))
                .unwrap();
            for (task, loss) in model.tasks().iter().zip(losses) {
                let gradients = loss.unwrap().mean.backward().unwrap();
                for (name, var) in model.parameters().vars() {
                    let own = name.starts_with(&format!("heads.{}.", task.spec.name));
                    if name.starts_with("heads.") && !own {
                        assert!(
                            gradients.get(&var).is_none(),
                            "{family}: {name} belongs to another task"
                        );
                        continue;
                    }
                    let gradient = gradients.get(&var);
                    let size = gradient.map_or(0.0, size);
                    assert!(
                        size > 0.0,
                        "{family}, {pooling:?}, task {}: {name} gets none",
                        task.spec.name
                    );
                }
            }
        }
    }
}

fn size(gradient: &Tensor) -> f32 {
    gradient
        .abs()
        .unwrap()
        .sum_all()
        .unwrap()
        .to_scalar()
        .unwrap()
}

#[test]
fn a_text_alone_and_in_a_batch_gets_the_same_answers() {
    let windows = windows();
    for (family, config) in encoders() {
        for pooling in [Pooling::First, Pooling::Mean, Pooling::Max] {
            let model = model(&config, pooling);
            let ask = |batch: &PackedBatch| {
                let sequences: Vec<u32> = (0..batch.len() as u32).collect();
                let requests: Vec<_> = (0..5).map(|task| (task, sequences.clone())).collect();
                model.answers(batch, &requests).unwrap()
            };
            let together = ask(&batch(&windows));
            for (at, window) in windows.iter().enumerate() {
                let alone = ask(&batch(std::slice::from_ref(window)));
                for (task, answers) in alone.iter().enumerate() {
                    close(&answers[0], &together[task][at], &family);
                }
            }
        }
    }
}

fn close(a: &Answer, b: &Answer, family: &str) {
    let numbers = |answer: &Answer| match answer {
        Answer::Class { probabilities, .. }
        | Answer::Labels { probabilities, .. }
        | Answer::Tags { probabilities, .. } => probabilities.clone(),
        Answer::Numbers { values } => values.clone(),
        Answer::Spans { spans, null } => {
            let scores = spans.iter().map(|span| span.score);
            scores.chain([*null]).collect()
        }
        _ => panic!("an answer of another kind"),
    };
    let (a, b) = (numbers(a), numbers(b));
    assert_eq!(a.len(), b.len());
    for (a, b) in a.iter().zip(&b) {
        assert!((a - b).abs() < 1e-5, "{family}: {a} alone, {b} in a batch");
    }
}
