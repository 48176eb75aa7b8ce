//! `check`: a run file and its data looked over before any training.

mod data;
mod faults;
mod memory;
mod plan;
mod render;
mod report;
mod warnings;

use std::collections::BTreeMap;
use std::path::PathBuf;

use clap::Args as ClapArgs;
use mtnet::heads::HeadRegistry;
use mtnet::train::run_file::RunFile;
use mtnet::train::trainer::Prepared;

use self::report::Report;
use super::output::Output;
use super::progress;

/// Arguments of `check`.
#[derive(Debug, ClapArgs)]
pub struct Args {
    /// The run file.
    #[arg(value_name = "RUN.toml")]
    run_file: PathBuf,
    /// Settings to change, such as train.batch_tokens=512 or dataset.ewt.train=other.conllu.
    #[arg(value_name = "KEY=VALUE")]
    overrides: Vec<String>,
    /// Writes the report as one JSON object.
    #[arg(long)]
    json: bool,
}

/// Reads, encodes and builds all that training would, and prints what was found.
pub fn run(args: &Args, output: &Output) -> anyhow::Result<()> {
    let registry = HeadRegistry::default();
    let run = RunFile::load(&args.run_file, &args.overrides)?;
    run.check_files()?;
    run.check_heads(&registry)?;
    let mut listener = progress::listener(output, BTreeMap::new(), None)?;
    let prepared = Prepared::new(&run, &registry, listener.as_mut());
    drop(listener);
    let report = Report::new(&run, &prepared?);
    if args.json || output.is_json() {
        return Ok(output.json(&report)?);
    }
    Ok(output.line(render::text(&report))?)
}
