//! `calibrate`: temperatures for the tasks of a model folder, fitted on labelled data.

use std::collections::BTreeMap;
use std::path::PathBuf;

use clap::Args as ClapArgs;
use comfy_table::{CellAlignment, Table, presets};
use mtnet::core::{Split, TaskName};
use mtnet::heads::HeadRegistry;
use mtnet::model::Calibration;
use mtnet::train::run_file::RunFile;
use mtnet::train::trainer::{calibrate, open_device, read_corpus};
use serde_json::json;

use super::exit::Stop;
use super::model;
use super::output::Output;

/// Arguments of `calibrate`.
#[derive(Debug, ClapArgs)]
pub struct Args {
    /// The model folder; its tasks.json is written anew, everything else stays.
    model: PathBuf,
    /// The run file that names data sets and tasks; labels and settings are the model's own.
    #[arg(long, value_name = "RUN.toml")]
    data: PathBuf,
    /// Which part of the data sets. Data that the model has learned from makes it look too sure.
    #[arg(long, default_value_t = Split::Dev, value_name = "train|dev|test")]
    split: Split,
    /// Writes one JSON object.
    #[arg(long)]
    json: bool,
    /// Settings of the run file to change, such as dataset.ewt.dev=other.conllu.
    #[arg(value_name = "KEY=VALUE")]
    overrides: Vec<String>,
}

/// Fits, writes and prints the temperatures.
pub fn run(args: &Args, output: &Output) -> anyhow::Result<()> {
    let run = RunFile::load(&args.data, &args.overrides)?;
    let mut folder = model::open(&args.model, &open_device(&run.config.run.device)?)?;
    model::check_data(&args.data, &run, args.split, &folder)?;
    let corpus = read_corpus(&run, args.split, &folder, &HeadRegistry::default())?;

    let tasks = folder.model.tasks().iter();
    let before: BTreeMap<TaskName, Calibration> = tasks
        .filter_map(|task| Some((task.spec.name.clone(), *task.calibration()?)))
        .collect();
    folder.model.forget_calibration();
    let fitted = calibrate(&folder.model, &corpus, run.config.train.eval_batch_tokens)?;
    if fitted.is_empty() {
        return Err(Stop::data(format!(
            "no temperature could be fitted on the {} data: a task needs at least 30 labelled rows, \
             some of which it answers wrongly, and a head with probabilities; {} is left as it was",
            args.split,
            args.model.display()
        )));
    }
    // What there was no data for keeps what it had.
    for task in folder.model.tasks() {
        if let (None, Some(kept)) = (task.calibration(), before.get(&task.spec.name)) {
            task.calibrate(*kept)?;
        }
    }
    folder.save_tasks(&args.model)?;
    if args.json || output.is_json() {
        return Ok(output.json(&json!({ "split": args.split, "calibration": fitted }))?);
    }
    Ok(output.line(table(&fitted))?)
}

fn table(fitted: &BTreeMap<TaskName, Calibration>) -> Table {
    let mut table = Table::new();
    table.load_style(presets::ASCII_MARKDOWN).set_header([
        "task",
        "temperature",
        "examples",
        "log loss",
        "calibrated",
        "ECE",
        "calibrated",
    ]);
    for (name, found) in fitted {
        let (before, after) = (found.before(), found.after());
        table.add_row([
            name.to_string(),
            format!("{:.4}", found.temperature()),
            found.examples().to_string(),
            format!("{:.4}", before.log_loss),
            format!("{:.4}", after.log_loss),
            format!("{:.4}", before.expected_calibration_error),
            format!("{:.4}", after.expected_calibration_error),
        ]);
    }
    for column in table.column_iter_mut().skip(1) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    table
}
