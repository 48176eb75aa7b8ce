//! `train`: from a run file to a run folder, a table of scores and the next command to type.

use std::env;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use anyhow::Context as _;
use clap::Args as ClapArgs;
use mtnet::heads::HeadRegistry;
use mtnet::train::events::RunEndReason;
use mtnet::train::run_file::RunFile;
use mtnet::train::trainer::{RunResults, TrainOptions, output_folder, train_until};

use super::exit::Stop;
use super::format::{duration, grouped, shell_path};
use super::output::Output;
use super::signals::Signals;
use super::{gradients, progress, report as pages, scores};

/// Arguments of `train`.
#[derive(Debug, ClapArgs)]
pub struct Args {
    /// The run file; with --resume the one that the run was started with, unless given.
    #[arg(value_name = "RUN.toml", required_unless_present = "resume")]
    run_file: Option<PathBuf>,
    /// Settings to change, such as train.learning_rate=3e-5 or dataset.ewt.train=other.conllu.
    #[arg(value_name = "KEY=VALUE")]
    overrides: Vec<String>,
    /// Folder to write the run to; by default runs/NAME, or the first free runs/NAME-2, ….
    #[arg(long, value_name = "DIR", conflicts_with = "resume")]
    output: Option<PathBuf>,
    /// Goes on with a run from its newest checkpoint.
    #[arg(long, value_name = "RUNDIR")]
    resume: Option<PathBuf>,
    /// Shows curves, gradients and alarms in the terminal while the run goes on.
    #[cfg(feature = "tui")]
    #[arg(long)]
    tui: bool,
}

/// Trains and prints the scores.
pub fn run(args: &Args, output: &Output) -> anyhow::Result<()> {
    let (run_file, overrides) = args.run_file();
    let registry = HeadRegistry::default();
    let run = RunFile::load(&run_file, &overrides)?;
    run.check_files()?;
    run.check_heads(&registry)?;
    // The run folder keeps a copy, which must mean the same from there.
    let run = run
        .with_absolute_paths()
        .context("finding the working folder")?;

    let named = args.output.as_deref().or(run.config.run.output.as_deref());
    let folder = match &args.resume {
        Some(folder) => folder.clone(),
        None => output_folder(&run.config.run.name, named)?,
    };
    let metrics = run
        .config
        .task
        .iter()
        .filter_map(|task| Some((task.name.clone(), task.metric.clone()?)));
    #[cfg(feature = "tui")]
    let shown = args.tui.then_some(folder.as_path());
    #[cfg(not(feature = "tui"))]
    let shown = None;
    let mut listener = progress::listener(output, metrics.collect(), shown)?;
    let begun = SystemTime::now();
    let options = TrainOptions {
        output: folder,
        resume: args.resume.is_some(),
    };
    let signals = Signals::listen().context("listening to signals")?;
    let stop = &signals.stop;
    let results = train_until(&run, &options, &registry, listener.as_mut(), stop);
    // A bar must be gone before anything is printed.
    drop(listener);
    let page = pages::leave(&options.output, begun, output);
    let results = results?;
    if results.end.reason == RunEndReason::Interrupted {
        let folder = shell_path(&options.output);
        let message = format!(
            "stopped after step {} of {}, a checkpoint is saved; go on with `train --resume {folder}`",
            grouped(results.steps),
            run.config.run.name,
        );
        return Err(Stop {
            exit: signals.exit(),
            message,
        }
        .into());
    }
    report(&run, &results, page.as_deref(), output)
}

impl Args {
    /// The run file and the overrides. With `--resume` what stands first may be an override.
    fn run_file(&self) -> (PathBuf, Vec<String>) {
        let mut overrides = self.overrides.clone();
        let first = self
            .run_file
            .as_ref()
            .map(|path| path.to_string_lossy().into_owned());
        match (&self.resume, &self.run_file, first) {
            (Some(folder), Some(_), Some(first)) if first.contains('=') => {
                overrides.insert(0, first);
                (folder.join("run.toml"), overrides)
            }
            (_, Some(path), _) => (path.clone(), overrides),
            (resume, None, _) => (
                resume.clone().unwrap_or_default().join("run.toml"),
                overrides,
            ),
        }
    }
}

fn report(
    run: &RunFile,
    results: &RunResults,
    page: Option<&Path>,
    output: &Output,
) -> anyhow::Result<()> {
    if output.is_json() {
        let model = &results.model_folder;
        output
            .json(&serde_json::json!({ "event": "results", "model": model, "results": results }))?;
    } else {
        output.line(table(run, results))?;
        output.line("")?;
        if let Some(balance) = &results.balance {
            output.line(gradients::tables(balance))?;
            output.line("")?;
        }
        output.line(summary(results))?;
        if let Some(page) = page {
            output.line(format!("Report: {}", shell_path(page)))?;
        }
        output.line(next_command(
            &results.model_folder,
            env::var_os("CARGO").is_some(),
        ))?;
    }
    Ok(())
}

fn table(run: &RunFile, results: &RunResults) -> comfy_table::Table {
    let rows: Vec<scores::Row> = run
        .config
        .task
        .iter()
        .map(|task| scores::Row {
            task: task.name.clone(),
            metric: results
                .main_metric
                .get(&task.name)
                .cloned()
                .unwrap_or_default(),
            scores: [&results.test, &results.dev, &results.majority]
                .map(|split| results.main_score(split, &task.name))
                .to_vec(),
        })
        .collect();
    scores::table(&["test", "dev", "majority"], &rows)
}

fn summary(results: &RunResults) -> String {
    let end = match results.end.reason {
        RunEndReason::EarlyStopping => ", stopped early",
        RunEndReason::TargetReached => ", target reached",
        _ => "",
    };
    format!(
        "{} steps in {} (weights of step {}{end}), {} tokens/s, {} trained parameters",
        grouped(results.steps),
        duration(results.seconds),
        grouped(results.best_step),
        grouped(results.tokens_per_second.max(0.0) as u64),
        grouped(results.trained_parameters),
    )
}

/// What to type next: through cargo where cargo started this program.
fn next_command(model: &Path, by_cargo: bool) -> String {
    let program = if by_cargo { "cargo xtask" } else { "mtnet" };
    format!(
        "Ask the model:\n  {program} predict {} \"wake me at seven tomorrow\"",
        shell_path(model)
    )
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        args: Args,
    }

    #[track_caller]
    fn check(line: &[&str], run_file: &str, overrides: &[&str]) {
        let line = Line::try_parse_from([&["train"], line].concat()).unwrap();
        let (path, found) = line.args.run_file();
        assert_eq!(path, Path::new(run_file));
        assert_eq!(found, overrides);
    }

    #[test]
    fn a_resumed_run_has_its_own_run_file() {
        check(&["a.toml", "train.epochs=1"], "a.toml", &["train.epochs=1"]);
        check(&["--resume", "runs/x"], "runs/x/run.toml", &[]);
        check(&["--resume", "runs/x", "a.toml"], "a.toml", &[]);
        check(
            &["--resume", "runs/x", "train.epochs=5", "run.seed=1"],
            "runs/x/run.toml",
            &["train.epochs=5", "run.seed=1"],
        );
        assert!(Line::try_parse_from(["train"]).is_err());
    }

    #[test]
    fn the_next_command_can_be_pasted() {
        assert!(
            next_command(Path::new("runs/a b/model"), true)
                .contains("cargo xtask predict 'runs/a b/model' \"")
        );
        assert!(
            next_command(Path::new("runs/x/model"), false)
                .contains("mtnet predict runs/x/model \"")
        );
    }
}
