//! The model folder: everything a model needs to answer, in files that other tools know.
//!
//! `config.json` and `model.safetensors` follow the published layout of the encoder's family, with
//! the heads' tensors below `heads.<task>.`; `tokenizer.json` is the `tokenizers` library's;
//! `tasks.json` is ours, since no convention for many heads exists. Nothing in it executes.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use candle_core::{Device, Tensor};
use mtnet_core::{RandomStream, TaskName};
use mtnet_encoders::{EncoderSpec, build_encoder};
use mtnet_heads::{HeadConfig, HeadRegistry, TaskSpec};
use mtnet_kernels::{ParamStore, Pooling};
use mtnet_text::{EncodeOptions, TextTokenizer};
use serde::{Deserialize, Serialize};

use crate::loading::{expected_tensors, read_json, read_tensors};
use crate::{Calibration, ModelError, MultiTaskModel};

/// The newest format of `tasks.json` that this version reads. Format 2 adds `calibration`; files
/// without one are written as format 1, which earlier versions read.
pub const FORMAT_VERSION: u32 = 2;

const FILES: &str = "config.json, model.safetensors, tasks.json and tokenizer.json";

/// `tasks.json`: what the encoder's own configuration does not say.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TasksFile {
    /// Format of this file, up to [`FORMAT_VERSION`].
    pub format_version: u32,
    /// How a sequence's rows become one.
    pub pooling: Pooling,
    /// Tokens a text is cut or windowed to, special ones included.
    pub max_length: usize,
    /// The tasks in order.
    pub tasks: Vec<TaskSpec>,
    /// Temperatures of the tasks that are calibrated.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub calibration: BTreeMap<TaskName, Calibration>,
}

/// A model with its tokenizer, as it lies in a folder.
#[derive(Debug)]
pub struct ModelFolder {
    /// Encoder and heads.
    pub model: MultiTaskModel,
    /// The tokenizer.
    pub tokenizer: TextTokenizer,
    /// Tokens a text is cut or windowed to.
    pub max_length: usize,
}

impl ModelFolder {
    /// Opens a folder with the built-in heads and those of `registry`.
    ///
    /// # Errors
    /// If a file is missing or broken, or the weights do not fit the configuration exactly.
    pub fn open(
        folder: &Path,
        registry: &HeadRegistry,
        device: &Device,
    ) -> Result<Self, ModelError> {
        for name in [
            "config.json",
            "model.safetensors",
            "tasks.json",
            "tokenizer.json",
        ] {
            let path = folder.join(name);
            if !path.is_file() {
                return Err(ModelError::Missing {
                    path,
                    expected: FILES,
                });
            }
        }
        let tasks_path = folder.join("tasks.json");
        let tasks: TasksFile = read_json(&tasks_path)?;
        if tasks.format_version > FORMAT_VERSION {
            return Err(ModelError::Version {
                path: tasks_path,
                found: tasks.format_version,
                known: FORMAT_VERSION,
            });
        }
        let config_path = folder.join("config.json");
        let spec = EncoderSpec::from_config_json(&read_json(&config_path)?).map_err(|source| {
            ModelError::Config {
                path: config_path,
                source,
            }
        })?;

        let path = folder.join("model.safetensors");
        let expected = expected_tensors(&spec, &tasks.tasks, registry)?;
        let tensors = read_tensors(&path, &expected)?;
        let parameters = ParamStore::new(RandomStream::new(0), device)
            .with_tensors(tensors)
            .strict()
            .freeze(|_| true);
        let encoder = build_encoder(&spec, parameters.builder())?;
        let model = MultiTaskModel::new(encoder, tasks.pooling, tasks.tasks, registry, parameters)?;
        for (name, calibration) in tasks.calibration {
            let index = model.task_index(&name)?;
            model.tasks()[index].calibrate(calibration)?;
        }
        let tokenizer = TextTokenizer::from_file(&folder.join("tokenizer.json"))?;
        Ok(Self {
            model,
            tokenizer,
            max_length: tasks.max_length,
        })
    }

    /// How texts are encoded for it.
    pub fn encode_options(&self) -> EncodeOptions {
        EncodeOptions {
            max_length: self.max_length,
            windows: true,
            overlap: overlap(self.model.tasks().iter().map(|task| &task.spec.head)),
        }
    }

    /// The files of the folder by name, ready to be written: `config.json`, `model.safetensors`,
    /// `tasks.json`, `tokenizer.json`.
    ///
    /// # Errors
    /// If a parameter cannot be read from its device.
    pub fn files(&self) -> Result<Vec<(String, Vec<u8>)>, ModelError> {
        Ok(vec![
            (
                "config.json".to_owned(),
                to_json("config.json", &self.model.encoder().config_json())?,
            ),
            (
                "model.safetensors".to_owned(),
                weights(self.model.parameters())?,
            ),
            (
                "tasks.json".to_owned(),
                to_json("tasks.json", &self.tasks_file())?,
            ),
            (
                "tokenizer.json".to_owned(),
                self.tokenizer.to_json()?.into_bytes(),
            ),
        ])
    }

    /// What `tasks.json` says of the model.
    pub fn tasks_file(&self) -> TasksFile {
        let tasks = self.model.tasks();
        let calibration: BTreeMap<TaskName, Calibration> = tasks
            .iter()
            .filter_map(|task| Some((task.spec.name.clone(), *task.calibration()?)))
            .collect();
        TasksFile {
            format_version: match calibration.is_empty() {
                true => 1,
                false => FORMAT_VERSION,
            },
            pooling: self.model.pooling(),
            max_length: self.max_length,
            tasks: tasks.iter().map(|task| task.spec.clone()).collect(),
            calibration,
        }
    }

    /// Writes `tasks.json` alone, as [`save`](Self::save) does: for a calibration of a folder that
    /// is otherwise left as it is.
    ///
    /// # Errors
    /// If the folder cannot be written.
    pub fn save_tasks(&self, folder: &Path) -> Result<(), ModelError> {
        let bytes = to_json("tasks.json", &self.tasks_file())?;
        replace(folder, "tasks.json", &bytes)
    }

    /// Writes the files into `folder`, which is made if need be. Each is written beside its place
    /// and renamed into it.
    ///
    /// # Errors
    /// If the folder cannot be written.
    pub fn save(&self, folder: &Path) -> Result<(), ModelError> {
        fs::create_dir_all(folder).map_err(failed(folder))?;
        for (name, bytes) in self.files()? {
            replace(folder, &name, &bytes)?;
        }
        Ok(())
    }
}

/// Writes a file beside its place and renames it into it.
fn replace(folder: &Path, name: &str, bytes: &[u8]) -> Result<(), ModelError> {
    let (path, beside) = (folder.join(name), folder.join(format!(".{name}.tmp")));
    fs::write(&beside, bytes).map_err(failed(&beside))?;
    fs::rename(&beside, &path).map_err(failed(&path))
}

fn failed(path: &Path) -> impl FnOnce(std::io::Error) -> ModelError {
    let path = path.to_owned();
    move |source| ModelError::File { path, source }
}

/// Tokens that windows of long pairs share, where some head reads all of a pair.
pub fn overlap<'a>(heads: impl IntoIterator<Item = &'a HeadConfig>) -> Option<usize> {
    heads.into_iter().filter_map(HeadConfig::overlap).max()
}

/// All parameters as one safetensors file, in the order of their names.
fn weights(parameters: &ParamStore) -> Result<Vec<u8>, ModelError> {
    let tensors: BTreeMap<String, Tensor> = parameters
        .vars()
        .into_iter()
        .map(|(name, var)| Ok((name, var.as_tensor().to_device(&Device::Cpu)?)))
        .collect::<Result<_, candle_core::Error>>()?;
    safetensors::serialize(tensors, None).map_err(|error| candle_core::Error::wrap(error).into())
}

fn to_json<T: Serialize>(name: &str, value: &T) -> Result<Vec<u8>, ModelError> {
    let mut bytes = serde_json::to_vec_pretty(value).map_err(|source| ModelError::Json {
        path: PathBuf::from(name),
        source,
    })?;
    bytes.push(b'\n');
    Ok(bytes)
}
