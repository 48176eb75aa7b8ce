//! MT-Net against its formula written out with loops, and what its window lets a token see.

use std::collections::BTreeMap;

use candle_core::{Device, Tensor};
use mtnet_core::RandomStream;
use mtnet_encoders::{
    Encoder, EncoderConfig, EncoderInput, EncoderSpec, MtNetConfig, Preset, Transformer,
    build_encoder,
};
use mtnet_kernels::{Mode, ParamStore};
use serde_json::json;

use crate::support::{build, input, numbers};

type Rows = Vec<Vec<f64>>;

/// A small network with random values in every parameter, biases and norms included.
fn network(
    embedding_size: usize,
    global_context: bool,
) -> (MtNetConfig, Box<dyn Encoder>, BTreeMap<String, Tensor>) {
    let spec = EncoderSpec::from_config_json(&json!({
        "model_type": "mt-net", "vocab_size": 12, "embedding_size": embedding_size,
        "hidden_size": 3, "window_radius": 1, "num_window_layers": 2, "hidden_act": "relu",
        "global_context": global_context
    }))
    .unwrap();
    let mut stream = RandomStream::new(9);
    let tensors: BTreeMap<String, Tensor> = spec
        .parameters()
        .unwrap()
        .into_iter()
        .map(|(name, shape)| {
            let count = shape.iter().product();
            let values: Vec<f32> = (0..count).map(|_| stream.normal() as f32).collect();
            (name, Tensor::from_vec(values, shape, &Device::Cpu).unwrap())
        })
        .collect();
    let store = ParamStore::new(RandomStream::new(0), &Device::Cpu)
        .with_tensors(tensors.clone())
        .strict();
    let encoder = build_encoder(&spec, store.builder()).unwrap();
    let EncoderSpec::MtNet(config) = spec else {
        panic!("an MT-Net was asked for");
    };
    (config, encoder, tensors)
}

/// The formula of the module, for one sequence.
fn by_hand(
    config: &MtNetConfig,
    tensors: &BTreeMap<String, Tensor>,
    ids: &[u32],
    types: &[u32],
) -> Rows {
    let matrix = |name: String| -> Rows {
        let tensor = &tensors[&name];
        let width = *tensor.dims().last().unwrap();
        let values: Vec<f64> = numbers(tensor).into_iter().map(f64::from).collect();
        values.chunks(width).map(<[f64]>::to_vec).collect()
    };
    let words = matrix("embeddings.word_embeddings.weight".to_owned());
    let segments = matrix("embeddings.token_type_embeddings.weight".to_owned());
    let mut x: Rows = ids
        .iter()
        .zip(types)
        .map(|(&id, &kind)| sum(&words[id as usize], &segments[kind as usize]))
        .collect();
    for layer in 0..config.layers() {
        let radius = match layer < config.num_window_layers {
            true => config.window_radius as isize,
            false => 0,
        };
        let parameter = |name: &str| matrix(format!("layers.{layer}.{name}"));
        let (weight, bias) = (parameter("dense.weight"), parameter("dense.bias").concat());
        let scale = parameter("LayerNorm.weight").concat();
        let shift = parameter("LayerNorm.bias").concat();
        let text: Vec<f64> = match config.global_context && layer > 0 {
            true => (0..x[0].len())
                .map(|column| x.iter().map(|row| row[column]).sum::<f64>() / x.len() as f64)
                .collect(),
            false => Vec::new(),
        };
        let seen = |at: usize| -> Vec<f64> {
            (-radius..=radius)
                .flat_map(|step| match at.checked_add_signed(step) {
                    Some(near) if near < x.len() => x[near].clone(),
                    _ => vec![0.0; x[0].len()],
                })
                .chain(text.iter().copied())
                .collect()
        };
        x = (0..x.len())
            .map(|at| {
                let dense: Vec<f64> = weight.iter().map(|row| dot(row, &seen(at))).collect();
                let dense = sum(&dense, &bias);
                let active: Vec<f64> = dense.into_iter().map(|y| y.max(0.0)).collect();
                let residual = match x[at].len() == config.hidden_size {
                    true => sum(&active, &x[at]),
                    false => active,
                };
                normed(&residual, config.layer_norm_eps, &scale, &shift)
            })
            .collect();
    }
    x
}

fn normed(x: &[f64], eps: f64, scale: &[f64], shift: &[f64]) -> Vec<f64> {
    let count = x.len() as f64;
    let mean = x.iter().sum::<f64>() / count;
    let variance = x.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / count;
    let parameters = scale.iter().zip(shift);
    x.iter()
        .zip(parameters)
        .map(|(x, (scale, shift))| (x - mean) / (variance + eps).sqrt() * scale + shift)
        .collect()
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    assert_eq!(a.len(), b.len());
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

fn sum(a: &[f64], b: &[f64]) -> Vec<f64> {
    a.iter().zip(b).map(|(a, b)| a + b).collect()
}

#[test]
fn the_network_is_its_formula() {
    // With embeddings of another width the first layer has no residual; with the same it has.
    for (embedding_size, global_context) in [(2, false), (3, false), (2, true), (3, true)] {
        let (config, encoder, tensors) = network(embedding_size, global_context);
        let ids = [vec![5, 6, 7, 8, 5], vec![3], vec![1, 2]];
        let types = [vec![0, 0, 1, 1, 1], vec![1], vec![0, 0]];
        let hidden = encoder
            .forward(&input(&ids, Some(&types)), &Mode::Eval)
            .unwrap();
        let expected: Vec<f64> = ids
            .iter()
            .zip(&types)
            .flat_map(|(ids, types)| by_hand(&config, &tensors, ids, types).concat())
            .collect();
        let found = numbers(&hidden);
        assert_eq!(found.len(), expected.len());
        for (found, expected) in found.iter().zip(&expected) {
            let difference = (f64::from(*found) - expected).abs();
            assert!(difference < 1e-5, "{found} against {expected}");
        }
    }
}

/// Rows that change when token `changed` of a sequence of 11 is another one.
fn rows_that_see(changed: usize, forward: impl Fn(&EncoderInput) -> Tensor) -> Vec<usize> {
    let sequence = vec![4; 11];
    let mut other = sequence.clone();
    other[changed] = 5;
    let rows =
        |sequence| -> Vec<Vec<f32>> { forward(&input(&[sequence], None)).to_vec2().unwrap() };
    let (before, after) = (rows(sequence), rows(other));
    (0..11).filter(|&row| before[row] != after[row]).collect()
}

#[test]
fn a_token_sees_its_window_and_no_further() {
    for (layers, radius, expected) in [(1, 2, 3..=7), (2, 2, 1..=9), (1, 1, 4..=6), (0, 2, 5..=5)] {
        let config = EncoderConfig {
            window_radius: Some(radius),
            num_layers: Some(1),
            hidden_size: Some(16),
            ..EncoderConfig::default()
        };
        let mut spec = Preset::MtNetWindow.spec(&config, 10, 0, None).unwrap();
        if let EncoderSpec::MtNet(config) = &mut spec {
            config.num_window_layers = layers;
        }
        let (encoder, _) = build(&spec, 2);
        let seen = rows_that_see(5, |input| encoder.forward(input, &Mode::Eval).unwrap());
        assert_eq!(seen, expected.collect::<Vec<_>>(), "{layers} of {radius}");
    }
}

#[test]
fn with_global_context_a_token_sees_its_whole_text_and_no_other() {
    let config = EncoderConfig {
        num_window_layers: Some(2),
        hidden_size: Some(16),
        global_context: true,
        ..EncoderConfig::default()
    };
    let spec = Preset::MtNetWindow.spec(&config, 10, 0, None).unwrap();
    let (encoder, _) = build(&spec, 2);
    let seen = rows_that_see(5, |input| encoder.forward(input, &Mode::Eval).unwrap());
    assert_eq!(seen, (0..11).collect::<Vec<_>>());

    let rows = |second: &[u32]| -> Vec<Vec<f32>> {
        let texts = [vec![4, 5, 6], second.to_vec()];
        let hidden = encoder.forward(&input(&texts, None), &Mode::Eval).unwrap();
        hidden.to_vec2().unwrap()
    };
    let (before, after) = (rows(&[7, 8]), rows(&[9, 3]));
    assert_eq!(before[..3], after[..3]);
    assert_ne!(before[3..], after[3..]);
}

#[test]
fn a_dropped_token_reads_as_one_without_a_word() {
    let config = EncoderConfig {
        token_dropout: Some(0.5),
        hidden_dropout: Some(0.0),
        num_window_layers: Some(0),
        hidden_size: Some(16),
        ..EncoderConfig::default()
    };
    let spec = Preset::MtNetWindow.spec(&config, 400, 0, None).unwrap();
    let (encoder, _) = build(&spec, 2);
    let sequence: Vec<u32> = (0..400).collect();
    let rows = |mode: &Mode| -> Vec<Vec<f32>> {
        let hidden = encoder.forward(&input(std::slice::from_ref(&sequence), None), mode);
        hidden.unwrap().to_vec2().unwrap()
    };
    let train = |seed| rows(&Mode::Train(RandomStream::new(seed)));
    let (whole, dropped) = (rows(&Mode::Eval), train(1));
    assert_eq!(dropped, train(1));
    assert_ne!(dropped, train(2));
    // Without a window, what is dropped leaves the same row at every place.
    let changed: Vec<usize> = (0..400).filter(|&at| whole[at] != dropped[at]).collect();
    assert!((160..240).contains(&changed.len()), "{}", changed.len());
    assert!(changed.iter().all(|&at| dropped[at] == dropped[changed[0]]));
}

#[test]
fn a_window_before_a_transformer_widens_its_embeddings() {
    for (radius, expected) in [(0, 5..=5), (1, 4..=6), (2, 3..=7)] {
        let config = EncoderConfig {
            window_radius: Some(radius),
            embedding_size: Some(12),
            hidden_size: Some(16),
            ..EncoderConfig::default()
        };
        let spec = Preset::MtNetMini.spec(&config, 10, 0, None).unwrap();
        let EncoderSpec::Transformer(spec) = spec else {
            panic!("the preset is a transformer");
        };
        let store = ParamStore::new(RandomStream::new(2), &Device::Cpu);
        let encoder = Transformer::new(&spec, store.builder()).unwrap();
        let states = |input: &EncoderInput| encoder.hidden_states(input, &Mode::Eval).unwrap();
        let seen = rows_that_see(5, |input| states(input)[0].clone());
        assert_eq!(seen, expected.collect::<Vec<_>>());
        // Attention sees all.
        let seen = rows_that_see(5, |input| states(input)[2].clone());
        assert_eq!(seen, (0..11).collect::<Vec<_>>());
    }
}
