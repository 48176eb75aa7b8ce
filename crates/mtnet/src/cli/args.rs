//! Commands and their arguments.

use clap::{Parser, Subcommand, ValueEnum};

#[cfg(feature = "serve")]
use super::serve;
use super::{
    affinity, attack, calibrate, check, compare, config, eval, export, extend, import, info,
    predict, report, train, tune,
};

/// What stands before the command, and the command.
#[derive(Debug, Parser)]
#[command(
    name = "mtnet",
    version,
    about = "Multi-task learning for text: one shared encoder, many task heads",
    after_help = "Exit codes: 0 done, 1 failure, 2 usage or run file, 3 data or model folder, 4 diverged, 130 and 143 interrupted.",
    max_term_width = 100
)]
pub struct Cli {
    /// How progress and results are written.
    #[arg(
        long,
        global = true,
        value_enum,
        default_value = "text",
        value_name = "FORMAT"
    )]
    pub log_format: LogFormat,
    /// Writes results, warnings and errors only.
    #[arg(long, short, global = true)]
    pub quiet: bool,
    #[command(subcommand)]
    pub command: Command,
}

/// For a reader or for a program.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// Progress bars on a terminal, lines elsewhere.
    Text,
    /// One JSON object a line.
    Json,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Trains what a run file describes.
    Train(train::Args),
    /// Scores a model folder on labelled data.
    Eval(eval::Args),
    /// Answers for new text, one JSON line each.
    Predict(predict::Args),
    /// Answers over HTTP, with a page to try the model.
    #[cfg(feature = "serve")]
    Serve(serve::Args),
    /// Looks a run file and its data over before training.
    Check(check::Args),
    /// Measures which tasks help each other, and proposes which to train together.
    Affinity(affinity::Args),
    /// Says for each task whether sharing helps: against single-task models and baselines.
    Compare(compare::Args),
    /// Searches the settings that a run file ranges over, by the development data.
    Tune(tune::Args),
    /// Adds tasks to a trained model, or draws their few-shot curves.
    Extend(extend::Args),
    /// Writes a model for transformers, sentence-transformers or an ONNX runtime.
    Export(export::Args),
    /// Makes a model folder of a classifier that transformers saved.
    Import(import::Args),
    /// Fits the temperatures of a model's probabilities on labelled data.
    Calibrate(calibrate::Args),
    /// Measures how much of a model's accuracy is left under attack.
    Attack(attack::Args),
    /// Makes a page of one run, or of several beside each other, from their folders.
    Report(report::Args),
    /// Prints the run file's schema, or a run file with every default filled in.
    Config(config::Args),
    /// Says what this program can use, or describes a model folder.
    Info(info::Args),
}

impl Cli {
    /// How to write, whichever argument says it.
    pub fn log_format(&self) -> LogFormat {
        match &self.command {
            #[cfg(feature = "serve")]
            Command::Serve(args) if args.json_output => LogFormat::Json,
            _ => self.log_format,
        }
    }

    /// What the log shows where `MTNET_LOG` says nothing: warnings, and of a server its requests.
    pub fn default_filter(&self) -> &'static str {
        match &self.command {
            #[cfg(feature = "serve")]
            Command::Serve(_) if !self.quiet => "warn,mtnet_serve=info",
            _ => "warn",
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    #[test]
    fn the_command_line_holds_together() {
        super::Cli::command().debug_assert();
    }
}
