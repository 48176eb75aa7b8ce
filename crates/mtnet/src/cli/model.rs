//! Opening a model folder for a command.

use std::path::Path;

use anyhow::Context as _;
use candle_core::Device;
use mtnet::heads::HeadRegistry;
use mtnet::kernels::Precision;
use mtnet::model::ModelFolder;

use super::exit::{Exit, Stop};

/// Opens a folder to compute in some precision. A choice that does not pay here is told.
pub fn open_in(path: &Path, device: &Device, precision: Precision) -> anyhow::Result<ModelFolder> {
    let mut folder = open(path, device)?;
    folder
        .model
        .set_precision(precision)
        .map_err(|error| Stop::usage(error.to_string()))?;
    if let Some(caution) = precision.caution() {
        tracing::warn!("{precision} is {caution}");
    }
    Ok(folder)
}

/// Opens a folder; whatever is wrong with it is a fault of the folder.
pub fn open(path: &Path, device: &Device) -> anyhow::Result<ModelFolder> {
    ModelFolder::open(path, &HeadRegistry::default(), device).with_context(|| Stop {
        exit: Exit::Data,
        message: format!("cannot open model folder {}", path.display()),
    })
}

/// Refuses to write over the folder that is read.
pub fn refuse_same(input: &Path, output: &Path) -> anyhow::Result<()> {
    match (input.canonicalize(), output.canonicalize()) {
        (Ok(read), Ok(written)) if read == written => Err(Stop::usage(format!(
            "--output is {}, the folder that is read; name another",
            output.display()
        ))),
        _ => Ok(()),
    }
}
