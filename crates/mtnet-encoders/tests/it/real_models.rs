//! Published models, where they are at hand: the numbers that an independent implementation gives.

use std::path::PathBuf;
use std::sync::Arc;

use candle_core::{Device, Tensor};
use mtnet_core::{Offsets, RandomStream};
use mtnet_encoders::{Encoder, EncoderInput, PretrainedFolder, WordVectors, build_encoder};
use mtnet_kernels::{Mode, ParamStore, Pooling, Precision, Wanted, segment_pool};
use serde::Deserialize;

use crate::support::{input, json};

#[derive(Deserialize)]
struct Reference {
    sentences: Vec<Sentence>,
}

#[derive(Deserialize)]
struct Sentence {
    text: String,
    input_ids: Vec<u32>,
    cls_hidden: Vec<f32>,
    mean_pooled_normalized: Vec<f32>,
}

/// The folder of a model below `MTNET_MODELS`, or beside the workspace; `None`, said aloud, without it.
#[expect(clippy::print_stderr, reason = "a skipped test says so")]
fn model(name: &str, file: &str) -> Option<PathBuf> {
    let models = std::env::var_os("MTNET_MODELS").map_or_else(
        || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/models"),
        PathBuf::from,
    );
    let folder = models.join(name);
    if folder.join(file).is_file() {
        Some(folder)
    } else {
        eprintln!(
            "skipped: no model in {} (set MTNET_MODELS)",
            folder.display()
        );
        None
    }
}

/// A published encoder with what it should give for some sentences.
struct Published {
    encoder: Box<dyn Encoder>,
    input: EncoderInput,
    sentences: Vec<Sentence>,
}

fn published(name: &str, ignored: &[&str]) -> Option<Published> {
    let folder = model(name, "reference.json")?;
    let reference: Reference =
        serde_json::from_value(json(&folder.join("reference.json"))).unwrap();
    let published = PretrainedFolder::open(folder).unwrap();
    let weights = published.weights(published.spec(), &Device::Cpu).unwrap();
    assert_eq!(weights.ignored, ignored);
    let store = ParamStore::new(RandomStream::new(0), &Device::Cpu)
        .with_tensors(weights.tensors)
        .strict();
    let encoder = build_encoder(published.spec(), store.builder()).unwrap();

    let sequences: Vec<Vec<u32>> = reference
        .sentences
        .iter()
        .map(|sentence| sentence.input_ids.clone())
        .collect();
    Some(Published {
        encoder,
        input: input(&sequences, None),
        sentences: reference.sentences,
    })
}

fn check(name: &str, ignored: &[&str]) {
    let Some(published) = published(name, ignored) else {
        return;
    };
    let Published {
        encoder,
        input,
        sentences,
    } = &published;
    let hidden = encoder.forward(input, &Mode::Eval).unwrap();
    let pooled = |pooling| rows(&hidden, &input.offsets, pooling);
    let (first, mean) = (pooled(Pooling::First), pooled(Pooling::Mean));
    for (at, sentence) in sentences.iter().enumerate() {
        let length = mean[at].iter().map(|x| x * x).sum::<f32>().sqrt();
        let unit: Vec<f32> = mean[at].iter().map(|x| x / length).collect();
        close(&first[at], &sentence.cls_hidden, &sentence.text);
        close(&unit, &sentence.mean_pooled_normalized, &sentence.text);
    }
}

fn rows(hidden: &Tensor, offsets: &Arc<Offsets>, pooling: Pooling) -> Vec<Vec<f32>> {
    segment_pool(hidden, offsets, pooling)
        .unwrap()
        .to_vec2()
        .unwrap()
}

fn close(found: &[f32], expected: &[f32], text: &str) {
    assert_eq!(found.len(), expected.len());
    for (found, expected) in found.iter().zip(expected) {
        assert!(
            (found - expected).abs() < 1e-4,
            "`{text}`: {found} against {expected}"
        );
    }
}

const MINILM: &str = "all-minilm-l6-v2";
const MINILM_IGNORED: [&str; 3] = [
    "embeddings.position_ids",
    "pooler.dense.bias",
    "pooler.dense.weight",
];

#[test]
fn all_minilm_l6_v2_gives_its_published_vectors() {
    check(MINILM, &MINILM_IGNORED);
}

#[test]
fn all_minilm_l6_v2_keeps_its_directions_in_bf16_and_int8() {
    let Some(mut published) = published(MINILM, &MINILM_IGNORED) else {
        return;
    };
    for (precision, least) in [(Precision::Bf16, 0.9999), (Precision::Int8, 0.985)] {
        published.encoder.set_precision(precision).unwrap();
        let hidden = published.encoder.encode(&published.input, Wanted::All);
        let mean = rows(&hidden.unwrap(), &published.input.offsets, Pooling::Mean);
        for (mean, sentence) in mean.iter().zip(&published.sentences) {
            let dot = |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f32>();
            // The published vectors have length 1.
            let cosine = dot(mean, &sentence.mean_pooled_normalized) / dot(mean, mean).sqrt();
            assert!(
                cosine > least,
                "`{}` in {precision}: cosine {cosine}",
                sentence.text
            );
        }
    }
}

#[test]
fn e5_small_zh_gives_its_published_vectors() {
    check("e5-small-zh", &[]);
}

#[test]
fn published_word_vectors_cover_an_english_vocabulary() {
    let vectors = model("glove-6b-50d-12k", "vocab.txt");
    let vocabulary = model("all-minilm-l6-v2", "vocab.txt");
    let (Some(vectors), Some(vocabulary)) = (vectors, vocabulary) else {
        return;
    };
    let vectors = WordVectors::open(&vectors).unwrap();
    assert_eq!((vectors.words().len(), vectors.dim()), (12_000, 50));
    let vocabulary = std::fs::read_to_string(vocabulary.join("vocab.txt")).unwrap();
    let vocabulary: Vec<String> = vocabulary.lines().map(str::to_owned).collect();
    let init = RandomStream::new(1);
    let rows = vectors
        .initial_rows(&vocabulary, None, init, &Device::Cpu)
        .unwrap();
    assert!((9_000..12_000).contains(&rows.covered), "{}", rows.covered);
}
