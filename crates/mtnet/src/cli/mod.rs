//! The command line: one enum of commands, each handed to its file.

mod affinity;
mod args;
mod attack;
mod calibrate;
mod check;
mod compare;
mod config;
mod eval;
mod exit;
mod export;
mod extend;
mod format;
mod gradients;
mod import;
mod info;
mod logging;
mod model;
mod output;
mod predict;
mod progress;
mod report;
mod scores;
#[cfg(feature = "serve")]
mod serve;
mod signals;
mod train;
mod tune;

use std::process::ExitCode;

use clap::Parser as _;

use self::args::{Cli, Command};
use self::output::Output;

/// Runs the command that the arguments name.
pub fn main() -> ExitCode {
    // A wrong command line ends here, with code 2.
    let cli = Cli::parse();
    let output = Output::new(cli.log_format(), cli.quiet);
    logging::start(&output, cli.default_filter());
    let result = match &cli.command {
        Command::Train(args) => train::run(args, &output),
        Command::Eval(args) => eval::run(args, &output),
        Command::Predict(args) => predict::run(args, &output),
        Command::Check(args) => check::run(args, &output),
        Command::Affinity(args) => affinity::run(args, &output),
        Command::Compare(args) => compare::run(args, &output),
        Command::Tune(args) => tune::run(args, &output),
        Command::Extend(args) => extend::run(args, &output),
        Command::Export(args) => export::run(args, &output),
        Command::Import(args) => import::run(args, &output),
        Command::Attack(args) => attack::run(args, &output),
        Command::Report(args) => report::run(args, &output),
        Command::Calibrate(args) => calibrate::run(args, &output),
        Command::Config(args) => config::run(args, &output),
        #[cfg(feature = "serve")]
        Command::Serve(args) => serve::run(args, &output),
        Command::Info(args) => info::run(args, &output),
    };
    exit::code(result, &output)
}
