//! `config`: the run file's schema, or a run file with every default filled in.

use std::path::PathBuf;

use clap::{Args as ClapArgs, Subcommand};
use mtnet::train::run_file::{RunFile, run_file_schema};

use super::output::Output;

/// Arguments of `config`.
#[derive(Debug, ClapArgs)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Prints the JSON schema of a run file, for editors (`#:schema FILE` in its first line).
    Schema,
    /// Prints a run file with overrides applied and every default filled in.
    Render {
        /// The run file.
        #[arg(value_name = "RUN.toml")]
        run_file: PathBuf,
        /// Settings to change, such as train.learning_rate=3e-5 or dataset.ewt.train=other.conllu.
        #[arg(value_name = "KEY=VALUE")]
        overrides: Vec<String>,
    },
}

/// Prints what was asked for.
pub fn run(args: &Args, output: &Output) -> anyhow::Result<()> {
    let text = match &args.command {
        Command::Schema => serde_json::to_string_pretty(&run_file_schema())?,
        Command::Render {
            run_file,
            overrides,
        } => RunFile::load(run_file, overrides)?.render(),
    };
    Ok(output.line(text.trim_end())?)
}
