//! Opening a model folder for a command.

use std::path::Path;

use anyhow::Context as _;
use candle_core::Device;
use mtnet::core::Split;
use mtnet::heads::HeadRegistry;
use mtnet::kernels::Precision;
use mtnet::model::ModelFolder;
use mtnet::train::run_file::RunFile;

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

/// That a run file has data of a split for a task of the model.
pub fn check_data(
    path: &Path,
    run: &RunFile,
    split: Split,
    folder: &ModelFolder,
) -> anyhow::Result<()> {
    let known: Vec<&str> = folder
        .model
        .tasks()
        .iter()
        .map(|task| task.spec.name.as_str())
        .collect();
    if !run
        .config
        .task
        .iter()
        .any(|task| known.contains(&task.name.as_str()))
    {
        let found: Vec<&str> = run
            .config
            .task
            .iter()
            .map(|task| task.name.as_str())
            .collect();
        return Err(Stop::usage(format!(
            "{}: none of its tasks ({}) is in the model, which has {}",
            path.display(),
            found.join(", "),
            known.join(", ")
        )));
    }
    if !run.config.dataset.iter().any(|dataset| dataset.has(split)) {
        return Err(Stop::usage(format!(
            "{}: no data set has a {} split; name its file, or choose another --split",
            path.display(),
            split
        )));
    }
    Ok(())
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
