//! What several test modules use.

use std::collections::BTreeMap;
use std::error::Error;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use candle_core::{Device, Tensor};
use mtnet_core::{Offsets, RandomStream};
use mtnet_encoders::{Encoder, EncoderConfig, EncoderInput, EncoderSpec, Preset, build_encoder};
use mtnet_kernels::ParamStore;
use serde_json::Value;

pub const FAMILIES: [&str; 5] = ["bert", "roberta", "xlm-roberta", "electra", "distilbert"];

pub fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/fixtures/encoders")
        .join(name)
}

pub fn json(path: &Path) -> Value {
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

pub fn tensors(path: &Path) -> BTreeMap<String, Tensor> {
    candle_core::safetensors::load(path, &Device::Cpu)
        .unwrap()
        .into_iter()
        .collect()
}

/// A packed input of these sequences, all of segment 0 unless `types` says otherwise.
pub fn input(sequences: &[Vec<u32>], types: Option<&[Vec<u32>]>) -> EncoderInput {
    let ids: Vec<u32> = sequences.concat();
    let positions: Vec<u32> = sequences
        .iter()
        .flat_map(|sequence| 0..sequence.len() as u32)
        .collect();
    let types = types.map_or(vec![0; ids.len()], <[Vec<u32>]>::concat);
    let tensor = |values: Vec<u32>| Tensor::new(values.as_slice(), &Device::Cpu).unwrap();
    EncoderInput {
        input_ids: tensor(ids),
        position_ids: tensor(positions),
        type_ids: tensor(types),
        shift: None,
        offsets: Arc::new(Offsets::from_lengths(sequences.iter().map(Vec::len))),
    }
}

pub fn build(spec: &EncoderSpec, seed: u64) -> (Box<dyn Encoder>, ParamStore) {
    let store = ParamStore::new(RandomStream::new(seed), &Device::Cpu);
    let encoder = build_encoder(spec, store.builder()).unwrap();
    (encoder, store)
}

/// A small encoder of each kind: every family, every preset, and every branch inside them.
pub fn every_spec() -> Vec<(String, EncoderSpec)> {
    let mut specs: Vec<_> = FAMILIES
        .iter()
        .map(|name| {
            let config = json(&fixture(name).join("config.json"));
            let spec = EncoderSpec::from_config_json(&config).unwrap();
            ((*name).to_owned(), spec)
        })
        .collect();
    let small = EncoderConfig {
        hidden_size: Some(32),
        ..EncoderConfig::default()
    };
    let narrow = EncoderConfig {
        embedding_size: Some(12),
        ..small.clone()
    };
    let window = EncoderConfig {
        window_radius: Some(1),
        ..narrow.clone()
    };
    let deep = EncoderConfig {
        num_window_layers: Some(2),
        num_layers: Some(2),
        ..narrow.clone()
    };
    for (name, preset, config) in [
        ("mini", Preset::MtNetMini, &small),
        ("mini, narrow embeddings", Preset::MtNetMini, &narrow),
        ("mini, window", Preset::MtNetMini, &window),
        ("small", Preset::MtNetSmall, &small),
        ("window", Preset::MtNetWindow, &narrow),
        ("window, deep", Preset::MtNetWindow, &deep),
    ] {
        specs.push((name.to_owned(), preset.spec(config, 200, 0, None).unwrap()));
    }
    specs
}

pub fn largest_difference(a: &Tensor, b: &Tensor) -> f32 {
    assert_eq!(a.dims(), b.dims());
    numbers(&(a - b).unwrap().abs().unwrap())
        .into_iter()
        .fold(0.0, f32::max)
}

pub fn norm(x: &Tensor) -> f64 {
    let squares = numbers(x).into_iter().map(|x| f64::from(x).powi(2));
    squares.sum::<f64>().sqrt()
}

pub fn numbers(x: &Tensor) -> Vec<f32> {
    x.flatten_all().unwrap().to_vec1().unwrap()
}

/// An error with all its causes, as a program prints it.
pub fn told(error: &dyn Error) -> String {
    let mut message = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        message.push_str(&format!(": {error}"));
        cause = error.source();
    }
    message
}
