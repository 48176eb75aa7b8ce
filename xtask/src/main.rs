//! Runs the workspace's jobs: `cargo xtask train`, `test`, `ci` and their kin.
//!
//! It starts cargo and the `mtnet` binary and links neither candle nor a crate of the
//! project, so that it builds in seconds. One file a command.

#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a command-line tool speaks to its terminal"
)]

mod bench;
mod cargo;
mod ci;
mod cli;
mod docs;
mod mtnet;
mod reliability;
mod status;
mod test;
mod tidy;
mod train;

use std::process::ExitCode;

use clap::Parser as _;

fn main() -> ExitCode {
    match cli::Cli::parse().run() {
        Ok(code) => ExitCode::from(code),
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::from(2)
        }
    }
}
