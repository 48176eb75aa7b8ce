//! A folder with `config.json`, `tokenizer.json` and weights.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use candle_core::{Device, Tensor};
use mtnet_kernels::Pooling;
use serde_json::Value;

use super::{PretrainedWeights, pooling, weights};
use crate::{EncoderError, EncoderSpec, HubCache};

/// A folder whose `config.json` describes an encoder.
#[derive(Clone, Debug, PartialEq)]
pub struct PretrainedFolder {
    path: PathBuf,
    spec: EncoderSpec,
}

impl PretrainedFolder {
    /// Reads the configuration of a folder; the weights are read by [`weights`](Self::weights).
    ///
    /// # Errors
    /// If there is no `config.json`, or it does not describe an encoder that is built here.
    pub fn open(path: impl Into<PathBuf>) -> Result<Self, EncoderError> {
        let path = path.into();
        let file = path.join("config.json");
        if path.is_dir() && !file.exists() {
            return Err(EncoderError::MissingFile {
                folder: path,
                file: "config.json",
                remedy: "an encoder's folder has `config.json`, `tokenizer.json` and `model.safetensors`",
            });
        }
        let config = read_json(&file)?;
        let spec = EncoderSpec::from_config_json(&config)
            .map_err(|source| EncoderError::config(&file, source))?;
        Ok(Self { path, spec })
    }

    /// Opens what `from` names: a folder, below `base` unless absolute, or else the snapshot of
    /// that hub name in `cache`. With the feature `hub`, a model that the cache lacks is fetched
    /// into it first.
    ///
    /// # Errors
    /// If there is neither, or the folder cannot be opened.
    pub fn find(from: &str, base: &Path, cache: &HubCache) -> Result<Self, EncoderError> {
        let folder = base.join(from);
        if folder.is_dir() {
            return Self::open(folder);
        }
        let snapshot = cache.snapshot(from);
        #[cfg(feature = "hub")]
        let snapshot = snapshot.or_else(|missing| match crate::HubDownload::from_env() {
            Some(hub) => hub
                .fetch(from, cache)
                .map_err(|failed| format!("{missing}; {failed}")),
            None => Err(missing),
        });
        match snapshot {
            Ok(snapshot) => Self::open(snapshot),
            Err(cache) => Err(EncoderError::NotFound {
                from: from.to_owned(),
                folder,
                cache,
            }),
        }
    }

    /// The folder.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// What its `config.json` describes.
    pub fn spec(&self) -> &EncoderSpec {
        &self.spec
    }

    /// Its `tokenizer.json`.
    ///
    /// # Errors
    /// If there is none.
    pub fn tokenizer_path(&self) -> Result<PathBuf, EncoderError> {
        let path = self.path.join("tokenizer.json");
        if path.is_file() {
            Ok(path)
        } else {
            Err(EncoderError::MissingFile {
                folder: self.path.clone(),
                file: "tokenizer.json",
                remedy: "older forms of a tokenizer (`vocab.txt`, `sentencepiece.bpe.model`) are not read: save it again with a fast tokenizer",
            })
        }
    }

    /// The pooling that a sentence-embedding model was published with, `None` for other models.
    ///
    /// # Errors
    /// If `1_Pooling/config.json` is there but states a pooling that is not built.
    pub fn pooling(&self) -> Result<Option<Pooling>, EncoderError> {
        let file = self.path.join("1_Pooling").join("config.json");
        if !file.is_file() {
            return Ok(None);
        }
        pooling::read(&read_json(&file)?)
            .map(Some)
            .map_err(|source| EncoderError::config(&file, source))
    }

    /// Reads the tensors that `spec` needs, as `f32` on `device`, under the names of its family.
    /// `spec` is this folder's own, or one with fewer layers.
    ///
    /// # Errors
    /// If the weights are missing or damaged, or a tensor is missing, has another shape or holds a
    /// value that is not finite.
    pub fn weights(
        &self,
        spec: &EncoderSpec,
        device: &Device,
    ) -> Result<PretrainedWeights, EncoderError> {
        weights::read(&self.path, spec, device)
    }

    /// Reads tensors that are no part of the encoder, such as a classifier's, by the names of the
    /// files, as `f32` on `device`.
    ///
    /// # Errors
    /// As [`weights`](Self::weights).
    pub fn tensors(
        &self,
        expected: &BTreeMap<String, Vec<usize>>,
        device: &Device,
    ) -> Result<BTreeMap<String, Tensor>, EncoderError> {
        weights::read_named(&self.path, expected, str::to_owned, device)
            .map(|weights| weights.tensors)
    }
}

/// The largest JSON file that is read; the index of a sharded model lists each of its tensors.
const MAX_JSON_BYTES: u64 = 64 << 20;

/// Reads a JSON file.
pub(super) fn read_json(path: &Path) -> Result<Value, EncoderError> {
    let mut bytes = Vec::new();
    File::open(path)
        .and_then(|file| file.take(MAX_JSON_BYTES + 1).read_to_end(&mut bytes))
        .map_err(|source| EncoderError::io(path, source))?;
    if bytes.len() as u64 > MAX_JSON_BYTES {
        return Err(EncoderError::TooLarge {
            path: path.to_owned(),
            limit: MAX_JSON_BYTES,
        });
    }
    serde_json::from_slice(&bytes).map_err(|source| EncoderError::Json {
        path: path.to_owned(),
        source,
    })
}
