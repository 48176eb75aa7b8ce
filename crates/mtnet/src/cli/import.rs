//! `import`: a published classifier as a model folder with one task.

use std::path::PathBuf;

use anyhow::Context as _;
use clap::Args as ClapArgs;
use mtnet::core::TaskName;
use mtnet::export::{ImportOptions, import_task, imported_card};
use mtnet::train::trainer::open_device;

use super::model;
use super::output::Output;

/// Arguments of `import`.
#[derive(Debug, ClapArgs)]
pub struct Args {
    /// A folder that transformers saved from a classifier of texts or tokens.
    folder: PathBuf,
    /// Name of the task that it becomes.
    #[arg(long, value_name = "NAME")]
    task: TaskName,
    /// The model folder to write.
    #[arg(long, short, value_name = "FOLDER")]
    output: PathBuf,
    /// Tokens that a text is cut to. Default: as published, at most 512.
    #[arg(long, value_name = "TOKENS")]
    max_length: Option<usize>,
}

/// Imports a classifier and says what it answers.
pub fn run(args: &Args, output: &Output) -> anyhow::Result<()> {
    model::refuse_same(&args.folder, &args.output)?;
    let options = ImportOptions {
        task: args.task.clone(),
        max_length: args.max_length,
    };
    let folder = import_task(&args.folder, &options, &open_device("cpu")?)?;
    folder.save(&args.output)?;
    let card = args.output.join("README.md");
    std::fs::write(&card, imported_card(&folder))
        .with_context(|| format!("writing {}", card.display()))?;
    let spec = &folder.model.tasks()[0].spec;
    output.line(format!(
        "{}: {} with {} columns, up to {} tokens",
        spec.name,
        spec.head.kind(),
        spec.labels.len(),
        folder.max_length,
    ))?;
    Ok(())
}
