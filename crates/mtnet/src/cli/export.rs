//! `export`: a trained model for transformers, sentence-transformers or an ONNX runtime.

use std::path::PathBuf;

use clap::{Args as ClapArgs, ValueEnum};
use mtnet::core::TaskName;
use mtnet::export::{Files, OnnxOptions, export_encoder, export_onnx, export_task};
use mtnet::model::ModelFolder;
use mtnet::train::trainer::open_device;

use super::exit::Stop;
use super::model;
use super::output::Output;

/// Arguments of `export`.
#[derive(Debug, ClapArgs)]
pub struct Args {
    /// The model folder.
    model: PathBuf,
    /// What the exported model is for.
    #[arg(long, value_enum)]
    format: Format,
    /// The folder to write.
    #[arg(long, short, value_name = "FOLDER")]
    output: PathBuf,
    /// A task to export: one for hf, any number for onnx. Default for onnx: all of the model's.
    #[arg(long = "task", value_name = "TASK", conflicts_with = "encoder")]
    tasks: Vec<TaskName>,
    /// Exports the encoder without any task.
    #[arg(long)]
    encoder: bool,
    /// onnx: sequences lie end to end instead of padded.
    #[arg(long)]
    packed: bool,
    /// onnx: probabilities beside the logits of each task.
    #[arg(long)]
    probabilities: bool,
    /// onnx: fused nodes that ONNX Runtime computes faster and others do not know.
    #[arg(long)]
    optimize: bool,
    /// onnx: weights in 8 bits; a quarter of the size, and answers that differ a little.
    #[arg(long)]
    int8: bool,
}

/// What can be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// A folder that transformers loads: one task, or the encoder.
    Hf,
    /// One ONNX graph with a named output for each task.
    Onnx,
}

/// Exports a model and says what was written.
pub fn run(args: &Args, output: &Output) -> anyhow::Result<()> {
    args.check()?;
    model::refuse_same(&args.model, &args.output)?;
    let folder = model::open(&args.model, &open_device("cpu")?)?;
    let files = args.files(&folder)?;
    // What is refused above leaves no folder behind.
    files.save(&args.output)?;
    for (name, content) in files.iter() {
        output.line(format!("{:>12}  {name}", content.len()))?;
    }
    Ok(())
}

impl Args {
    /// Refuses options of the other format.
    fn check(&self) -> anyhow::Result<()> {
        if self.format == Format::Onnx {
            return Ok(());
        }
        let onnx_only = [
            ("packed", self.packed),
            ("probabilities", self.probabilities),
            ("optimize", self.optimize),
            ("int8", self.int8),
        ];
        if let Some((option, _)) = onnx_only.iter().find(|(_, given)| *given) {
            return Err(Stop::usage(format!(
                "--{option} is an option of --format onnx; a folder for transformers has none"
            )));
        }
        if self.encoder == (self.tasks.len() == 1) {
            return Err(Stop::usage(format!(
                "{} tasks were named for --format hf, expected one --task, or --encoder",
                self.tasks.len()
            )));
        }
        Ok(())
    }

    fn files(&self, folder: &ModelFolder) -> anyhow::Result<Files> {
        Ok(match (self.format, self.tasks.as_slice()) {
            (Format::Hf, [task]) => export_task(folder, task)?,
            (Format::Hf, _) => export_encoder(folder)?,
            (Format::Onnx, tasks) => {
                let options = OnnxOptions {
                    tasks: tasks.to_vec(),
                    encoder: self.encoder,
                    packed: self.packed,
                    probabilities: self.probabilities,
                    optimize: self.optimize,
                    int8: self.int8,
                };
                export_onnx(folder, &options)?
            }
        })
    }
}
