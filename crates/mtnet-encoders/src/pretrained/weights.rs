//! The tensors of a folder: one `model.safetensors`, or shards with an index.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use candle_core::safetensors::Load;
use candle_core::{DType, Device, Tensor};
use safetensors::SafeTensors;
use safetensors::tensor::TensorView;

use super::folder::read_json;
use super::foreign_format;
use super::names::canonical;
use crate::{ConfigError, EncoderError, EncoderSpec, TensorInfo, TensorProblems};

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
    let mut infos = BTreeMap::new();
    for path in files {
        let bytes = std::fs::read(&path).map_err(|source| EncoderError::io(&path, source))?;
        let file = deserialize(&path, &bytes)?;
        for (published, view) in file.iter() {
            let name = name_of(published);
            let Some(shape) = expected.get(&name) else {
                ignored.push(published.to_owned());
                continue;
            };
            let info = TensorInfo {
                shape: view.shape().to_vec(),
                dtype: view.dtype(),
            };
            if info.shape == *shape && info.is_float() {
                let tensor = load(&path, published, &view, device)?;
                tensors.insert(name.clone(), tensor);
            }
            infos.insert(name, info);
        }
    }
    ignored.sort();
    let problems = TensorProblems::new(expected, &infos);
    if problems.is_empty() {
        return Ok(PretrainedWeights { tensors, ignored });
    }
    Err(EncoderError::Tensors {
        path: origin,
        problems: Box::new(problems),
    })
}

/// The tensors of a file, or what it is instead.
fn deserialize<'b>(path: &Path, bytes: &'b [u8]) -> Result<SafeTensors<'b>, EncoderError> {
    SafeTensors::deserialize(bytes).map_err(|source| match foreign_format(bytes) {
        Some(found) => EncoderError::Foreign {
            path: path.to_owned(),
            found,
        },
        None => EncoderError::Safetensors {
            path: path.to_owned(),
            source,
        },
    })
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
    device: &Device,
) -> Result<Tensor, EncoderError> {
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
