//! `info`: what this program can use, or what a model folder holds.

use std::path::{Path, PathBuf};
use std::thread;

use candle_core::Device;
use clap::Args as ClapArgs;
use comfy_table::{Table, presets};
use mtnet::kernels::{Precision, isa};
use serde::Serialize;
use serde_json::json;

use super::format::grouped;
use super::model;
use super::output::Output;

/// Arguments of `info`.
#[derive(Debug, ClapArgs)]
pub struct Args {
    /// A model folder to describe instead.
    model: Option<PathBuf>,
    /// Writes one JSON object.
    #[arg(long)]
    json: bool,
}

/// What the program was built with and runs on.
#[derive(Debug, Serialize)]
struct Program {
    version: &'static str,
    features: Vec<&'static str>,
    platform: String,
    instruction_set: &'static str,
    precisions: Vec<PrecisionInfo>,
    threads: usize,
}

/// A precision and what to know before choosing it.
#[derive(Debug, Serialize)]
struct PrecisionInfo {
    name: Precision,
    #[serde(skip_serializing_if = "Option::is_none")]
    caution: Option<&'static str>,
}

/// Prints the description.
pub fn run(args: &Args, output: &Output) -> anyhow::Result<()> {
    let as_json = args.json || output.is_json();
    match &args.model {
        Some(model) => describe_model(model, as_json, output),
        None => describe_program(as_json, output),
    }
}

fn describe_program(as_json: bool, output: &Output) -> anyhow::Result<()> {
    let features = [
        ("cuda", cfg!(feature = "cuda")),
        ("metal", cfg!(feature = "metal")),
    ];
    let program = Program {
        version: env!("CARGO_PKG_VERSION"),
        features: features
            .into_iter()
            .filter_map(|(name, built)| built.then_some(name))
            .collect(),
        platform: format!("{}-{}", std::env::consts::OS, std::env::consts::ARCH),
        instruction_set: isa().as_str(),
        precisions: Precision::ALL
            .into_iter()
            .map(|name| PrecisionInfo {
                name,
                caution: name.caution(),
            })
            .collect(),
        threads: thread::available_parallelism().map_or(1, usize::from),
    };
    if as_json {
        return Ok(output.json(&program)?);
    }
    let features = if program.features.is_empty() {
        "none".to_owned()
    } else {
        program.features.join(", ")
    };
    output.line(format!("mtnet           {}", program.version))?;
    output.line(format!("features        {features}"))?;
    output.line(format!("platform        {}", program.platform))?;
    output.line(format!("instruction set {}", program.instruction_set))?;
    for PrecisionInfo { name, caution } in &program.precisions {
        let caution = caution.map_or(String::new(), |caution| format!(": {caution}"));
        output.line(format!("precision       {name}{caution}"))?;
    }
    Ok(output.line(format!("threads         {}", program.threads))?)
}

fn describe_model(path: &Path, as_json: bool, output: &Output) -> anyhow::Result<()> {
    let folder = model::open(path, &Device::Cpu)?;
    let specs: Vec<_> = folder.model.tasks().iter().map(|task| &task.spec).collect();
    let parameters = folder.model.parameters().count() as u64;
    if as_json {
        let description = json!({
            "model": path,
            "parameters": parameters,
            "hidden_size": folder.model.encoder().hidden_size(),
            "vocab_size": folder.tokenizer.vocab_size(),
            "max_length": folder.max_length,
            "pooling": folder.model.pooling(),
            "tasks": specs,
            "calibration": folder.tasks_file().calibration,
        });
        return Ok(output.json(&description)?);
    }
    output.line(format!(
        "{}: {} parameters, hidden size {}, {} tokens in the vocabulary, up to {} tokens a text",
        path.display(),
        grouped(parameters),
        folder.model.encoder().hidden_size(),
        grouped(folder.tokenizer.vocab_size() as u64),
        folder.max_length,
    ))?;
    let mut table = Table::new();
    table.load_style(presets::ASCII_MARKDOWN).set_header([
        "task",
        "head",
        "temperature",
        "answers",
    ]);
    for task in folder.model.tasks() {
        let spec = &task.spec;
        let temperature = task.calibration().map_or_else(
            || "–".to_owned(),
            |found| format!("{:.3}", found.temperature()),
        );
        table.add_row([
            spec.name.to_string(),
            spec.head.kind().to_owned(),
            temperature,
            some(&spec.labels),
        ]);
    }
    Ok(output.line(table)?)
}

/// The labels, or the first of many.
fn some(labels: &[String]) -> String {
    const SHOWN: usize = 8;
    match labels.len() {
        0..=SHOWN => labels.join(", "),
        count => format!("{}, … ({count} in all)", labels[..SHOWN].join(", ")),
    }
}
