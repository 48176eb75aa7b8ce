//! The tensors of a folder: one `model.safetensors`, or shards with an index.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use candle_core::safetensors::Load;
use candle_core::{DType, Device, Tensor};
use safetensors::SafeTensors;
use safetensors::tensor::TensorView;

use super::folder::read_json;
use super::names::canonical;
use crate::{ConfigError, EncoderError, EncoderSpec};

const SINGLE: &str = "model.safetensors";
const INDEX: &str = "model.safetensors.index.json";

/// The tensors of a published encoder.
#[derive(Clone, Debug)]
pub struct PretrainedWeights {
    /// Parameters by the names of [`EncoderSpec::parameters`], all of them, in `f32`.
    pub tensors: BTreeMap<String, Tensor>,
    /// Names in the files that the encoder has no use for, such as a pooler, sorted.
    pub ignored: Vec<String>,
}

pub(super) fn read(
    folder: &Path,
    spec: &EncoderSpec,
    device: &Device,
) -> Result<PretrainedWeights, EncoderError> {
    let prefixes = match spec {
        EncoderSpec::Transformer(spec) => spec.family.prefixes,
        EncoderSpec::MtNet(_) => &[],
    };
    let name_of = |published: &str| canonical(published, prefixes);
    read_named(folder, &spec.parameters()?, name_of, device)
}

/// Reads the tensors whose published names `name_of` leads to an expected name.
pub(super) fn read_named(
    folder: &Path,
    expected: &BTreeMap<String, Vec<usize>>,
    name_of: impl Fn(&str) -> String,
    device: &Device,
) -> Result<PretrainedWeights, EncoderError> {
    let (origin, files) = files(folder)?;
    let (mut tensors, mut ignored) = (BTreeMap::new(), Vec::new());
    for path in files {
        let bytes = std::fs::read(&path).map_err(|source| EncoderError::io(&path, source))?;
        let file =
            SafeTensors::deserialize(&bytes).map_err(|source| EncoderError::Safetensors {
                path: path.clone(),
                source,
            })?;
        for (published, view) in file.iter() {
            let name = name_of(published);
            match expected.get(&name) {
                None => ignored.push(published.to_owned()),
                Some(shape) => {
                    let tensor = load(&path, published, &view, shape, device)?;
                    tensors.insert(name, tensor);
                }
            }
        }
    }
    ignored.sort();
    match expected
        .iter()
        .find(|(name, _)| !tensors.contains_key(*name))
    {
        None => Ok(PretrainedWeights { tensors, ignored }),
        Some((tensor, expected)) => Err(EncoderError::MissingTensor {
            path: origin,
            tensor: tensor.clone(),
            expected: expected.clone(),
        }),
    }
}

/// The file that lists the tensors, and the files that hold them.
fn files(folder: &Path) -> Result<(PathBuf, Vec<PathBuf>), EncoderError> {
    let single = folder.join(SINGLE);
    if single.exists() {
        return Ok((single.clone(), vec![single]));
    }
    let index = folder.join(INDEX);
    if index.exists() {
        let shards = shards(&index)?;
        let files = shards.iter().map(|name| folder.join(name)).collect();
        return Ok((index, files));
    }
    Err(EncoderError::MissingFile {
        folder: folder.to_owned(),
        file: SINGLE,
        remedy: if folder.join("pytorch_model.bin").exists() {
            "`pytorch_model.bin` is a pickle, which is not read: convert it to safetensors"
        } else {
            "put the weights beside `config.json`"
        },
    })
}

/// The distinct files of an index's `weight_map`, each a plain name in the same folder.
fn shards(index: &Path) -> Result<BTreeSet<String>, EncoderError> {
    let config = read_json(index)?;
    let wrong = |found: String, expected: &str| {
        EncoderError::config(index, ConfigError::value("weight_map", found, expected))
    };
    let Some(map) = config.get("weight_map").and_then(|map| map.as_object()) else {
        let key = "weight_map".to_owned();
        return Err(EncoderError::config(index, ConfigError::Missing { key }));
    };
    map.values()
        .map(|file| match file.as_str() {
            Some(name) if !name.is_empty() && !name.contains(['/', '\\']) && name != ".." => {
                Ok(name.to_owned())
            }
            _ => Err(wrong(file.to_string(), "file names in the same folder")),
        })
        .collect()
}

fn load(
    path: &Path,
    name: &str,
    view: &TensorView,
    shape: &[usize],
    device: &Device,
) -> Result<Tensor, EncoderError> {
    if view.shape() != shape {
        return Err(EncoderError::TensorShape {
            path: path.to_owned(),
            tensor: name.to_owned(),
            found: view.shape().to_vec(),
            expected: shape.to_vec(),
        });
    }
    let tensor = view.load(&Device::Cpu)?.to_dtype(DType::F32)?;
    let finite = tensor
        .flatten_all()?
        .to_vec1::<f32>()?
        .iter()
        .all(|value| value.is_finite());
    if finite {
        Ok(tensor.to_device(device)?)
    } else {
        Err(EncoderError::NotFinite {
            path: path.to_owned(),
            tensor: name.to_owned(),
        })
    }
}
