//! Hidden states and gradients of every family equal those of the library it was published with.

use std::collections::BTreeMap;
use std::path::Path;

use candle_core::{Device, Tensor};
use mtnet_core::RandomStream;
use mtnet_encoders::{EncoderInput, EncoderSpec, PretrainedFolder, Transformer};
use mtnet_kernels::{Mode, ParamStore};
use serde_json::Value;

use crate::support::{FAMILIES, fixture, input, json, largest_difference, norm, tensors};

const CONFIGS: [&str; 2] = ["config.json", "config_v4.json"];

/// The encoder of a fixture, by one of its configurations.
fn open(folder: &Path, config: &str) -> (Transformer, ParamStore) {
    let spec = EncoderSpec::from_config_json(&json(&folder.join(config))).unwrap();
    let weights = PretrainedFolder::open(folder)
        .unwrap()
        .weights(&spec, &Device::Cpu)
        .unwrap();
    let store = ParamStore::new(RandomStream::new(0), &Device::Cpu)
        .with_tensors(weights.tensors)
        .strict();
    let EncoderSpec::Transformer(spec) = spec else {
        panic!("every fixture is a transformer");
    };
    let encoder = Transformer::new(&spec, store.builder()).unwrap();
    assert!(store.unused().is_empty());
    (encoder, store)
}

/// The tokens of a padded batch, packed, and the rows they have in it.
fn unpadded(batch: &Value) -> (EncoderInput, Tensor) {
    let matrix = |key: &str| -> Option<Vec<Vec<u32>>> {
        serde_json::from_value(batch.get(key)?.clone()).ok()
    };
    let mask = matrix("attention_mask").unwrap();
    let lengths: Vec<usize> = mask
        .iter()
        .map(|row| row.iter().sum::<u32>() as usize)
        .collect();
    let cut = |rows: Vec<Vec<u32>>| -> Vec<Vec<u32>> {
        rows.iter()
            .zip(&lengths)
            .map(|(row, &length)| row[..length].to_vec())
            .collect()
    };
    let ids = cut(matrix("input_ids").unwrap());
    let types = matrix("token_type_ids").map(cut);
    let width = mask[0].len();
    let rows: Vec<u32> = lengths
        .iter()
        .enumerate()
        .flat_map(|(row, &length)| (row * width..row * width + length).map(|at| at as u32))
        .collect();
    let rows = Tensor::new(rows, &Device::Cpu).unwrap();
    (input(&ids, types.as_deref()), rows)
}

#[test]
fn hidden_states_of_every_layer_are_the_published_ones() {
    for name in FAMILIES {
        let folder = fixture(name);
        let io = json(&folder.join("io.json"));
        let expected = tensors(&folder.join("expected.safetensors"));
        for config in CONFIGS {
            let (encoder, _) = open(&folder, config);
            for batch in ["padded", "full"] {
                let (input, rows) = unpadded(&io["batches"][batch]);
                let states = encoder.hidden_states(&input, &Mode::Eval).unwrap();
                assert_eq!(states.len(), 3);
                for (layer, state) in states.iter().enumerate() {
                    let expected = &expected[&format!("{batch}.hidden_states.{layer}")];
                    let expected = expected.flatten(0, 1).unwrap();
                    let expected = expected.index_select(&rows, 0).unwrap();
                    let difference = largest_difference(state, &expected);
                    assert!(
                        difference < 2e-5,
                        "{name}, {config}, {batch}, layer {layer}: {difference}"
                    );
                }
            }
        }
    }
}

#[test]
fn gradients_of_every_parameter_are_the_published_ones() {
    for name in FAMILIES {
        let folder = fixture(name);
        let io = json(&folder.join("io.json"));
        let expected = tensors(&folder.join("grads.safetensors"));
        let largest = expected.values().map(norm).fold(0.0, f64::max);
        let tiny: Vec<String> = serde_json::from_value(io["tiny_grad_parameters"].clone()).unwrap();
        let (encoder, store) = open(&folder, "config.json");
        let (input, _) = unpadded(&io["batches"]["padded"]);
        let states = encoder.hidden_states(&input, &Mode::Eval).unwrap();
        let loss = states[2].sqr().unwrap().sum_all().unwrap();
        let stated = io["loss_padded"].as_f64().unwrap();
        let found = f64::from(loss.to_scalar::<f32>().unwrap());
        assert!((found / stated - 1.0).abs() < 1e-5, "{name}: loss {found}");

        let gradients = loss.backward().unwrap();
        let vars: BTreeMap<_, _> = store.vars().into_iter().collect();
        assert_eq!(
            vars.keys().collect::<Vec<_>>(),
            expected.keys().collect::<Vec<_>>()
        );
        for (parameter, var) in vars {
            let expected = &expected[&parameter];
            let gradient = gradients.get(&var).unwrap();
            let difference = norm(&(gradient - expected).unwrap());
            let scale = if tiny.contains(&parameter) {
                largest
            } else {
                norm(expected)
            };
            assert!(
                difference <= 1e-4 * scale,
                "{name}, {parameter}: {difference} against {scale}"
            );
        }
    }
}
