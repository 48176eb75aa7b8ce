//! A trained model as an extension needs to know it.

use std::path::{Path, PathBuf};

use candle_core::Device;
use mtnet_core::TaskName;
use mtnet_encoders::{EncoderConfig, EncoderSpec};
use mtnet_heads::{HeadRegistry, TaskSpec};
use mtnet_model::{ModelError, ModelFolder};

use crate::ExtendError;

/// An opened model folder with its place.
#[derive(Debug)]
pub(crate) struct TrainedModel {
    /// Absolute.
    pub path: PathBuf,
    pub folder: ModelFolder,
}

impl TrainedModel {
    pub fn open(path: &Path, registry: &HeadRegistry) -> Result<Self, ExtendError> {
        let path = std::path::absolute(path).map_err(ExtendError::file(path))?;
        let folder = ModelFolder::open(&path, registry, &Device::Cpu)?;
        Ok(Self { path, folder })
    }

    pub fn spec_of(&self, task: &TaskName) -> Option<&TaskSpec> {
        self.specs().find(|spec| &spec.name == task)
    }

    pub fn specs(&self) -> impl Iterator<Item = &TaskSpec> {
        self.folder.model.tasks().iter().map(|task| &task.spec)
    }

    /// The settings of a run that goes on from its encoder. `config.json` keeps neither pooling nor
    /// length, so both are stated.
    pub fn encoder(&self, given: &EncoderConfig) -> EncoderConfig {
        EncoderConfig {
            from: Some(self.path.display().to_string()),
            preset: None,
            pooling: Some(self.folder.model.pooling()),
            max_length: Some(self.folder.max_length),
            ..given.clone()
        }
    }

    pub fn layers(&self) -> usize {
        self.folder.model.encoder().layers()
    }

    /// Whether the encoder tells the two texts of a pair apart by a table of types.
    pub fn has_types(&self) -> Result<bool, ExtendError> {
        Ok(match encoder_spec(&self.folder, &self.path)? {
            EncoderSpec::Transformer(spec) => spec.type_vocab_size > 1,
            EncoderSpec::MtNet(config) => config.type_vocab_size > 1,
            _ => true,
        })
    }
}

/// What the encoder of a folder is built from.
pub(crate) fn encoder_spec(folder: &ModelFolder, path: &Path) -> Result<EncoderSpec, ExtendError> {
    let config = folder.model.encoder().config_json();
    EncoderSpec::from_config_json(&config).map_err(|source| {
        let path = path.join("config.json");
        ModelError::Config { path, source }.into()
    })
}
