//! Folders of weights, in every layout that is published and in some that are broken.

use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::path::Path;

use candle_core::{DType, Device, Tensor};
use mtnet_core::RandomStream;
use mtnet_encoders::{
    EncoderError, EncoderSpec, PretrainedFolder, PretrainedWeights, build_encoder,
};
use mtnet_kernels::{Mode, ParamStore};
use serde_json::json;
use tempfile::TempDir;

use crate::support::{fixture, input, largest_difference, tensors, told};

/// A folder with the tiny BERT's configuration and these tensors in one file.
fn folder(tensors: &BTreeMap<String, Tensor>) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let config = fixture("bert").join("config.json");
    fs::copy(config, folder.path().join("config.json")).unwrap();
    save(tensors, &folder.path().join("model.safetensors"));
    folder
}

fn save(tensors: &BTreeMap<String, Tensor>, path: &Path) {
    let tensors: HashMap<String, Tensor> = tensors.clone().into_iter().collect();
    candle_core::safetensors::save(&tensors, path).unwrap();
}

fn bert() -> BTreeMap<String, Tensor> {
    tensors(&fixture("bert").join("model.safetensors"))
}

fn weights(folder: &Path) -> Result<PretrainedWeights, EncoderError> {
    let folder = PretrainedFolder::open(folder)?;
    folder.weights(folder.spec(), &Device::Cpu)
}

fn hidden(spec: &EncoderSpec, weights: PretrainedWeights) -> Tensor {
    let store = ParamStore::new(RandomStream::new(0), &Device::Cpu)
        .with_tensors(weights.tensors)
        .strict();
    let encoder = build_encoder(spec, store.builder()).unwrap();
    encoder
        .forward(&input(&[vec![5, 6, 7]], None), &Mode::Eval)
        .unwrap()
}

#[test]
fn prefixes_old_names_and_other_heads_are_seen_through() {
    let published: BTreeMap<_, _> = bert()
        .into_iter()
        .map(|(name, tensor)| {
            let name = name
                .replace("LayerNorm.weight", "LayerNorm.gamma")
                .replace("LayerNorm.bias", "LayerNorm.beta");
            (format!("bert.{name}"), tensor)
        })
        .chain([(
            "cls.predictions.bias".to_owned(),
            Tensor::zeros(200, DType::F32, &Device::Cpu).unwrap(),
        )])
        .collect();
    let found = weights(folder(&published).path()).unwrap();
    let plain = weights(&fixture("bert")).unwrap();
    assert_eq!(plain.ignored, ["pooler.dense.bias", "pooler.dense.weight"]);
    assert_eq!(
        found.ignored,
        [
            "bert.pooler.dense.bias",
            "bert.pooler.dense.weight",
            "cls.predictions.bias"
        ]
    );
    assert!(found.tensors.keys().eq(plain.tensors.keys()));
    for (name, tensor) in &found.tensors {
        assert_eq!(largest_difference(tensor, &plain.tensors[name]), 0.0);
    }
}

#[test]
fn half_precision_becomes_f32() {
    let spec = PretrainedFolder::open(fixture("bert")).unwrap();
    let exact = hidden(spec.spec(), weights(&fixture("bert")).unwrap());
    for (dtype, tolerance) in [(DType::F16, 5e-3), (DType::BF16, 5e-2)] {
        let half: BTreeMap<_, _> = bert()
            .into_iter()
            .map(|(name, tensor)| (name, tensor.to_dtype(dtype).unwrap()))
            .collect();
        let weights = weights(folder(&half).path()).unwrap();
        assert!(
            weights
                .tensors
                .values()
                .all(|tensor| tensor.dtype() == DType::F32)
        );
        let difference = largest_difference(&exact, &hidden(spec.spec(), weights));
        assert!(difference > 0.0 && difference < tolerance, "{difference}");
    }
}

#[test]
fn shards_are_read_by_their_index() {
    let all = bert();
    let folder = folder(&all);
    let path = folder.path();
    fs::remove_file(path.join("model.safetensors")).unwrap();
    let (first, second): (BTreeMap<_, _>, BTreeMap<_, _>) = all
        .into_iter()
        .partition(|(name, _)| name.contains("layer.0"));
    let shards = [
        "model-00001-of-00002.safetensors",
        "model-00002-of-00002.safetensors",
    ];
    let mut map = serde_json::Map::new();
    for (shard, tensors) in shards.iter().zip([&first, &second]) {
        save(tensors, &path.join(shard));
        map.extend(tensors.keys().map(|name| (name.clone(), json!(shard))));
    }
    let index = path.join("model.safetensors.index.json");
    fs::write(&index, json!({ "weight_map": map }).to_string()).unwrap();
    let found = weights(path).unwrap();
    let plain = weights(&fixture("bert")).unwrap();
    assert!(found.tensors.keys().eq(plain.tensors.keys()));

    fs::remove_file(path.join(shards[1])).unwrap();
    let message = told(&weights(path).unwrap_err());
    assert!(message.contains(shards[1]), "{message}");

    map.insert("x".to_owned(), json!("../model.safetensors"));
    fs::write(&index, json!({ "weight_map": map }).to_string()).unwrap();
    let message = told(&weights(path).unwrap_err());
    assert!(
        message.contains("file names in the same folder"),
        "{message}"
    );

    fs::write(&index, "{}").unwrap();
    let message = told(&weights(path).unwrap_err());
    assert!(message.contains("key `weight_map` is missing"), "{message}");
}

#[test]
fn a_wrong_tensor_is_named_with_its_shape() {
    let name = "encoder.layer.1.intermediate.dense.weight";
    let zeros = |shape: (usize, usize)| Tensor::zeros(shape, DType::F32, &Device::Cpu).unwrap();
    let mut missing = bert();
    missing.remove(name);
    let mut turned = bert();
    turned.insert(name.to_owned(), zeros((32, 64)));
    let mut no_number = bert();
    let nan = (zeros((64, 32)) + f64::NAN).unwrap();
    no_number.insert(name.to_owned(), nan);
    let mut both = missing.clone();
    both.insert(
        "embeddings.LayerNorm.bias".to_owned(),
        Tensor::zeros(3, DType::F32, &Device::Cpu).unwrap(),
    );
    for (tensors, expected) in [
        (
            missing,
            vec![format!("tensor `{name}` of shape [64, 32] is missing")],
        ),
        (
            turned,
            vec![format!(
                "tensor `{name}` has shape [32, 64], expected [64, 32]"
            )],
        ),
        (
            no_number,
            vec![
                format!("tensor `{name}` in `"),
                "holds a value that is not finite".to_owned(),
            ],
        ),
        (
            both,
            vec![
                format!("tensor `{name}` of shape [64, 32] is missing"),
                "tensor `embeddings.LayerNorm.bias` has shape [3], expected [32]".to_owned(),
            ],
        ),
    ] {
        let message = told(&weights(folder(&tensors).path()).unwrap_err());
        assert!(message.contains("model.safetensors"), "{message}");
        for part in expected {
            assert!(message.contains(&part), "{part}\n{message}");
        }
    }
}

#[test]
fn a_broken_folder_is_told_what_is_wrong() {
    let broken = |change: &dyn Fn(&Path)| {
        let folder = folder(&bert());
        change(folder.path());
        told(&weights(folder.path()).unwrap_err())
    };
    let remove = |path: &Path, name: &str| fs::remove_file(path.join(name)).unwrap();
    let message = broken(&|path| remove(path, "config.json"));
    assert!(message.contains("holds no config.json; "), "{message}");
    let message = broken(&|path| remove(path, "model.safetensors"));
    assert!(message.contains("holds no model.safetensors; put the weights"));
    let message = broken(&|path| {
        remove(path, "model.safetensors");
        fs::write(path.join("pytorch_model.bin"), "").unwrap();
    });
    assert!(message.contains("convert it to safetensors"), "{message}");
    let message = broken(&|path| fs::write(path.join("config.json"), "{\"a\": ").unwrap());
    assert!(
        message.contains("config.json` is no valid JSON: EOF"),
        "{message}"
    );
    let message = broken(&|path| fs::write(path.join("config.json"), "{}").unwrap());
    assert!(
        message.contains("config.json`: key `model_type` is missing"),
        "{message}"
    );
    // Cut anywhere, a weight file is refused.
    let bytes = fs::read(fixture("bert").join("model.safetensors")).unwrap();
    for length in [0, 7, 8, 100, bytes.len() / 2, bytes.len() - 1] {
        let message =
            broken(&|path| fs::write(path.join("model.safetensors"), &bytes[..length]).unwrap());
        assert!(
            message.contains("model.safetensors` is no valid safetensors file: "),
            "{message}"
        );
    }
}
