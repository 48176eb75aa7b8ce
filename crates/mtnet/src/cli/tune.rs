//! `tune`: which of the settings that a run file ranges over do best on the development data.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::Args as ClapArgs;
use mtnet::tune::{Search, TuneEnd, TuneEvent, TuneOptions, TuneReport, tune};

use super::exit::Stop;
use super::format::{duration, shell_path};
use super::output::Output;
use super::signals::Signals;

/// Arguments of `tune`.
#[derive(Debug, ClapArgs)]
pub struct Args {
    /// The run file, with a table [tune].
    #[arg(value_name = "RUN.toml")]
    run_file: PathBuf,
    /// Settings to change, such as train.epochs=3 or tune.trials=40.
    #[arg(value_name = "KEY=VALUE")]
    overrides: Vec<String>,
    /// Folder of the search, which goes on with what is in it; by default runs/NAME-tune.
    #[arg(long, value_name = "DIR")]
    output: Option<PathBuf>,
}

/// Searches and prints the best.
pub fn run(args: &Args, output: &Output) -> anyhow::Result<()> {
    let search = Search::load(&args.run_file, &args.overrides)?;
    let named = || Path::new("runs").join(format!("{}-tune", search.run.config.run.name));
    let options = TuneOptions {
        output: args.output.clone().unwrap_or_else(named),
    };
    let signals = Signals::listen().context("listening to signals")?;
    let end = tune(&search, &options, &signals.stop, &mut |event| {
        tell(event, output);
    })?;
    match end {
        TuneEnd::Done(report) => show(&report, &options.output, output),
        TuneEnd::Stopped { finished } => Err(Stop {
            exit: signals.exit(),
            message: format!(
                "stopped after {finished} of {} trials, a checkpoint of the next is saved; the same \
                 command goes on",
                search.trials
            ),
        }
        .into()),
        _ => Ok(()),
    }
}

fn tell(event: &TuneEvent, output: &Output) {
    if output.is_quiet() {
        return;
    }
    let text = match event {
        TuneEvent::GoesOn { trials } => format!("goes on with {trials} trials of before"),
        TuneEvent::Began {
            trial,
            of,
            rung,
            settings,
            resumed,
        } => {
            let set: Vec<String> = settings
                .iter()
                .map(|(name, value)| format!("{name}={value}"))
                .collect();
            let how = match (resumed, rung) {
                (true, _) => "goes on",
                (false, 0) => "begins",
                (false, _) => "begins again",
            };
            format!("trial {trial} of {of} {how}: {}", set.join(" "))
        }
        TuneEvent::Scored {
            trial,
            score,
            epochs,
            seconds,
            is_best,
            ..
        } => {
            let best = if *is_best { ", the best so far" } else { "" };
            let (seconds, epochs) = (duration(*seconds), (epochs * 100.0).round() / 100.0);
            format!("trial {trial} has {score:.4} after {epochs} epochs, {seconds}{best}")
        }
        TuneEvent::Failed { trial, reason } => format!("trial {trial} failed: {reason}"),
        TuneEvent::Ends(text) | TuneEvent::Stage(text) => text.clone(),
        _ => return,
    };
    output.error(text);
}

fn show(report: &TuneReport, folder: &Path, output: &Output) -> anyhow::Result<()> {
    if output.is_json() {
        return Ok(output.json(&serde_json::json!({ "event": "search", "search": report }))?);
    }
    output.line(report.markdown().trim_end())?;
    let (best, model) = (folder.join("best.toml"), folder.join(&report.best.model));
    output.line(format!("\nModel: {}", shell_path(&model)))?;
    Ok(output.line(format!("Next: train {}", shell_path(&best)))?)
}
