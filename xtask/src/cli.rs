//! The command line: one enum of commands, each handed to its file.

use std::ffi::OsString;

use anyhow::Result;
use clap::{Args, Parser, Subcommand};

use crate::cargo::Cargo;
use crate::{bench, ci, docs, mtnet, reliability, test, tidy, train};

/// What stands before the command, and the command.
#[derive(Debug, Parser)]
#[command(
    bin_name = "cargo xtask",
    about = "Runs the workspace's jobs",
    max_term_width = 100
)]
pub struct Cli {
    /// Cargo features of whatever gets compiled, such as `cuda` or `metal`, split by commas.
    #[arg(long, value_delimiter = ',', value_name = "FEATURES")]
    features: Vec<String>,
    #[command(subcommand)]
    command: Command,
}

/// The jobs of the workspace.
#[derive(Debug, Subcommand)]
enum Command {
    /// Trains from a run file; without one, from recipes/quickstart.toml.
    #[command(disable_help_flag = true)]
    Train(Rest),
    /// Scores a model folder on labelled data.
    #[command(disable_help_flag = true)]
    Eval(Rest),
    /// Answers for new text, one JSON line each.
    #[command(disable_help_flag = true)]
    Predict(Rest),
    /// Answers over HTTP, with a page to try the model.
    #[command(disable_help_flag = true)]
    Serve(Rest),
    /// Looks a run file and its data over before training.
    #[command(disable_help_flag = true)]
    Check(Rest),
    /// Measures which tasks help each other, and proposes which to train together.
    #[command(disable_help_flag = true)]
    Affinity(Rest),
    /// Says for each task whether sharing helps: against single-task models and baselines.
    #[command(disable_help_flag = true)]
    Compare(Rest),
    /// Searches the settings that a run file ranges over, by the development data.
    #[command(disable_help_flag = true)]
    Tune(Rest),
    /// Adds tasks to a trained model, or draws their few-shot curves.
    #[command(disable_help_flag = true)]
    Extend(Rest),
    /// Writes a model for transformers, sentence-transformers or an ONNX runtime.
    #[command(disable_help_flag = true)]
    Export(Rest),
    /// Makes a model folder of a classifier that transformers saved.
    #[command(disable_help_flag = true)]
    Import(Rest),
    /// Measures how much of a model's accuracy is left under attack.
    #[command(disable_help_flag = true)]
    Attack(Rest),
    /// Fits the temperatures of a model's probabilities on labelled data.
    #[command(disable_help_flag = true)]
    Calibrate(Rest),
    /// Makes a page of one run, or of several, from their folders.
    #[command(disable_help_flag = true)]
    Report(Rest),
    /// Prints the run file's schema, or a run file with every default filled in.
    #[command(disable_help_flag = true)]
    Config(Rest),
    /// Describes a model folder.
    #[command(disable_help_flag = true)]
    Info(Rest),
    /// Runs every test of the workspace; further arguments go to `cargo test`.
    #[command(disable_help_flag = true)]
    Test(Rest),
    /// Runs the tests with numbers and prints their figures in a table.
    Reliability(reliability::Args),
    /// Runs the whole gate, cheapest check first: fmt, tidy, clippy, test, docs, reliability.
    Ci,
    /// Checks the house rules: arrows between crates, module docs, file sizes and more.
    Tidy,
    /// Runs the benchmarks in release mode; further arguments go to them.
    #[command(disable_help_flag = true)]
    Bench(Rest),
    /// Builds the documentation of the workspace's crates.
    Docs {
        /// Opens it in a browser.
        #[arg(long)]
        open: bool,
    },
}

/// Arguments that somebody else understands, `--help` among them.
#[derive(Debug, Args)]
struct Rest {
    /// Handed on as they stand.
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    args: Vec<OsString>,
}

impl Cli {
    /// Runs the command; the value is the exit code to end with.
    pub fn run(self) -> Result<u8> {
        let cargo = Cargo::new(self.features);
        match self.command {
            Command::Train(rest) => train::run(&cargo, rest.args),
            Command::Eval(rest) => mtnet::run(&cargo, "eval", &rest.args),
            Command::Predict(rest) => mtnet::run(&cargo, "predict", &rest.args),
            Command::Serve(rest) => mtnet::run(&cargo, "serve", &rest.args),
            Command::Check(rest) => mtnet::run(&cargo, "check", &rest.args),
            Command::Affinity(rest) => mtnet::run(&cargo, "affinity", &rest.args),
            Command::Compare(rest) => mtnet::run(&cargo, "compare", &rest.args),
            Command::Tune(rest) => mtnet::run(&cargo, "tune", &rest.args),
            Command::Extend(rest) => mtnet::run(&cargo, "extend", &rest.args),
            Command::Export(rest) => mtnet::run(&cargo, "export", &rest.args),
            Command::Import(rest) => mtnet::run(&cargo, "import", &rest.args),
            Command::Attack(rest) => mtnet::run(&cargo, "attack", &rest.args),
            Command::Calibrate(rest) => mtnet::run(&cargo, "calibrate", &rest.args),
            Command::Report(rest) => mtnet::run(&cargo, "report", &rest.args),
            Command::Config(rest) => mtnet::run(&cargo, "config", &rest.args),
            Command::Info(rest) => mtnet::run(&cargo, "info", &rest.args),
            Command::Test(rest) => test::run(&cargo, &rest.args),
            Command::Reliability(args) => reliability::run(&cargo, &args),
            Command::Ci => ci::run(&cargo),
            Command::Tidy => tidy::run(&cargo),
            Command::Bench(rest) => bench::run(&cargo, &rest.args),
            Command::Docs { open } => docs::run(&cargo, open),
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    fn rest(line: &[&str]) -> (Vec<String>, Vec<OsString>) {
        let cli = Cli::try_parse_from(line).expect("a well-formed command line");
        let Command::Train(rest) = cli.command else {
            panic!("`train` expected");
        };
        (cli.features, rest.args)
    }

    #[test]
    fn the_definition_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn everything_after_the_verb_is_handed_on() {
        let (features, args) = rest(&[
            "xtask",
            "train",
            "--output",
            "runs/x",
            "--help",
            "-h",
            "--features",
            "a",
            "--",
            "b=1",
        ]);
        assert!(features.is_empty());
        let expected = [
            "--output",
            "runs/x",
            "--help",
            "-h",
            "--features",
            "a",
            "--",
            "b=1",
        ];
        assert_eq!(args, expected);
    }

    #[test]
    fn features_before_the_verb_are_cargos() {
        let (features, args) = rest(&["xtask", "--features", "cuda,metal", "train", "a.toml"]);
        assert_eq!(features, ["cuda", "metal"]);
        assert_eq!(args, ["a.toml"]);
    }

    #[test]
    fn commands_without_arguments_refuse_them() {
        assert!(Cli::try_parse_from(["xtask", "ci", "--fast"]).is_err());
        assert!(Cli::try_parse_from(["xtask", "tidy", "crates"]).is_err());
    }
}
