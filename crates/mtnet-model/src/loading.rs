//! Files of a model folder, read with limits and held against each other before anything is built.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use candle_core::safetensors::Load as _;
use candle_core::{Device, Tensor};
use mtnet_encoders::{
    EncoderError, EncoderSpec, ShapeRecorder, TensorInfo, TensorProblems, build_encoder,
    foreign_format,
};
use mtnet_heads::{HeadRegistry, TaskSpec};
use safetensors::SafeTensors;
use serde::de::DeserializeOwned;

use crate::ModelError;

/// The largest JSON file that is read; labels of a task are listed in one.
const MAX_JSON_BYTES: u64 = 64 << 20;

/// Names and shapes of all parameters of encoder and heads. Nothing of their size is allocated.
pub(crate) fn expected_tensors(
    spec: &EncoderSpec,
    tasks: &[TaskSpec],
    registry: &HeadRegistry,
) -> Result<BTreeMap<String, Vec<usize>>, ModelError> {
    let recorder = ShapeRecorder::default();
    let encoder = build_encoder(spec, recorder.builder())?;
    for task in tasks {
        let vb = recorder.builder().pp("heads").pp(task.name.as_str());
        registry
            .build(task, encoder.hidden_size(), vb)
            .map_err(|source| ModelError::Head {
                task: task.name.to_string(),
                source,
            })?;
    }
    Ok(recorder.shapes())
}

/// The tensors of a file, which must be exactly those expected.
pub(crate) fn read_tensors(
    path: &Path,
    expected: &BTreeMap<String, Vec<usize>>,
) -> Result<BTreeMap<String, Tensor>, ModelError> {
    let bytes = std::fs::read(path).map_err(|source| ModelError::File {
        path: path.to_owned(),
        source,
    })?;
    let file = SafeTensors::deserialize(&bytes).map_err(|source| match foreign_format(&bytes) {
        Some(found) => EncoderError::Foreign {
            path: path.to_owned(),
            found,
        },
        None => EncoderError::Safetensors {
            path: path.to_owned(),
            source,
        },
    })?;
    let infos: BTreeMap<String, TensorInfo> = file
        .iter()
        .map(|(name, view)| {
            let info = TensorInfo {
                shape: view.shape().to_vec(),
                dtype: view.dtype(),
            };
            (name.to_owned(), info)
        })
        .collect();
    let problems = TensorProblems::new(expected, &infos);
    if !problems.is_empty() {
        return Err(ModelError::Tensors {
            path: path.to_owned(),
            problems: Box::new(problems),
        });
    }
    file.iter()
        .map(|(name, view)| {
            let tensor = view
                .load(&Device::Cpu)
                .map_err(|source| ModelError::Weights {
                    path: path.to_owned(),
                    source,
                })?;
            Ok((name.to_owned(), tensor))
        })
        .collect()
}

/// Reads a JSON file of reasonable size.
pub(crate) fn read_json<T: DeserializeOwned>(path: &Path) -> Result<T, ModelError> {
    let mut bytes = Vec::new();
    File::open(path)
        .and_then(|file| file.take(MAX_JSON_BYTES + 1).read_to_end(&mut bytes))
        .map_err(|source| ModelError::File {
            path: path.to_owned(),
            source,
        })?;
    if bytes.len() as u64 > MAX_JSON_BYTES {
        return Err(ModelError::TooLarge {
            path: path.to_owned(),
            limit: MAX_JSON_BYTES,
        });
    }
    serde_json::from_slice(&bytes).map_err(|source| ModelError::Json {
        path: path.to_owned(),
        source,
    })
}
