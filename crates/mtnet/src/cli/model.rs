//! Opening a model folder for a command.

use std::path::Path;

use anyhow::Context as _;
use candle_core::Device;
use mtnet::heads::HeadRegistry;
use mtnet::model::ModelFolder;

use super::exit::{Exit, Stop};

/// Opens a folder; whatever is wrong with it is a fault of the folder.
pub fn open(path: &Path, device: &Device) -> anyhow::Result<ModelFolder> {
    ModelFolder::open(path, &HeadRegistry::default(), device).with_context(|| Stop {
        exit: Exit::Data,
        message: format!("cannot open model folder {}", path.display()),
    })
}
