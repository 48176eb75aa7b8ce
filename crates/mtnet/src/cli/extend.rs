//! `extend`: a trained model with more tasks, or what its encoder is worth to them.

use std::num::NonZero;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use anyhow::Context as _;
use clap::Args as ClapArgs;
use mtnet::extend::{
    ExtendError, ExtendOptions, Extended, FewShotOptions, Size, TaskFlags, TrainOnly, extend,
    few_shot, load_run, parse_run,
};
use mtnet::heads::HeadRegistry;
use mtnet::metrics::Bootstrap;
use mtnet::model::ModelFolder;
use mtnet::train::run_file::RunFile;
use mtnet::train::trainer::open_device;

use super::exit::Stop;
use super::format::shell_path;
use super::output::Output;
use super::signals::Signals;
use super::{compare, progress, report as pages};

/// Arguments of `extend`.
#[derive(Debug, ClapArgs)]
pub struct Args {
    /// The trained model's folder.
    model: PathBuf,
    /// The run file with the new tasks and their data; old tasks in it are scored and replayed. Its
    /// encoder is the model's. Without it, --task describes one new task.
    #[arg(value_name = "RUN.toml", required_unless_present = "task")]
    run_file: Option<PathBuf>,
    /// Settings to change, such as train.epochs=10 or task.NAME.metric=macro_f1.
    #[arg(value_name = "KEY=VALUE")]
    overrides: Vec<String>,
    /// Folder to write to; by default runs/NAME-extended or runs/NAME-few-shot. What was begun there
    /// by the same command goes on.
    #[arg(long, value_name = "DIR")]
    output: Option<PathBuf>,
    /// What learns: head (new heads alone), top:N (and the top N layers) or all. By default all where
    /// every old task has training data to replay, else head; with --few-shot all.
    #[arg(long, value_name = "WHAT")]
    train_only: Option<TrainOnly>,
    /// Share of the old tasks' training examples that is replayed; by default 0.25 where they have
    /// some and the encoder learns.
    #[arg(long, value_name = "FRACTION", conflicts_with = "few_shot")]
    replay: Option<f64>,
    /// Samples of each bootstrap.
    #[arg(long, value_name = "N", default_value = "2000")]
    resamples: NonZero<usize>,
    #[command(flatten)]
    task: TaskArgs,
    #[command(flatten)]
    curve: CurveArgs,
}

/// One new task without a run file.
#[derive(Debug, ClapArgs)]
#[command(next_help_heading = "One new task, without a run file")]
struct TaskArgs {
    /// Its name.
    #[arg(long, value_name = "NAME")]
    task: Option<String>,
    /// Its head: classification, multi-label, regression or token-classification.
    #[arg(long, value_name = "KIND", requires = "task")]
    head: Option<String>,
    /// The field or column of its label.
    #[arg(long, value_name = "FIELD", requires = "task")]
    label: Option<String>,
    /// Its training file.
    #[arg(long, value_name = "FILE", requires = "task")]
    train: Option<PathBuf>,
    /// Its development file; without one, a fifth of the training texts.
    #[arg(long, value_name = "FILE", requires = "task")]
    dev: Option<PathBuf>,
    /// Its test file.
    #[arg(long, value_name = "FILE", requires = "task")]
    test: Option<PathBuf>,
    /// Format of the files, by their ending if not given.
    #[arg(long, value_name = "FORMAT", requires = "task")]
    format: Option<String>,
    /// The field of the text.
    #[arg(long, value_name = "FIELD", requires = "task")]
    text: Option<String>,
    /// The field of the second text of a pair.
    #[arg(long, value_name = "FIELD", requires = "task")]
    text_b: Option<String>,
    /// The field of the words.
    #[arg(long, value_name = "FIELD", requires = "task")]
    tokens: Option<String>,
}

/// Few-shot curves.
#[derive(Debug, ClapArgs)]
#[command(next_help_heading = "Few-shot curves")]
struct CurveArgs {
    /// Trains each new task alone with so many examples, from this encoder and from the plain one
    /// that it started from, such as 8,16,64,256,all.
    #[arg(long, value_name = "SIZES", value_delimiter = ',')]
    few_shot: Vec<Size>,
    /// Seeds of each size.
    #[arg(long, value_name = "N", default_value = "3", requires = "few_shot")]
    seeds: NonZero<usize>,
    /// The plain encoder, a folder or a hub name; by default what the model's own run started from.
    #[arg(long, value_name = "ENCODER", requires = "few_shot")]
    against: Option<String>,
    /// Optimizer steps of a run at least.
    #[arg(long, value_name = "N", default_value = "100", requires = "few_shot")]
    min_steps: u64,
    /// Runs that go side by side; by default as many as there are cores.
    #[arg(long, value_name = "N", requires = "few_shot")]
    jobs: Option<NonZero<usize>>,
}

/// Extends the model, or draws the curves.
pub fn run(args: &Args, output: &Output) -> anyhow::Result<()> {
    let run = args.run()?;
    run.check_files()?;
    run.check_heads(&HeadRegistry::default())?;
    match args.curve.few_shot.is_empty() {
        true => extended(args, &run, output),
        false => curves(args, &run, output),
    }
}

fn extended(args: &Args, run: &RunFile, output: &Output) -> anyhow::Result<()> {
    let options = ExtendOptions {
        train_only: args.train_only,
        replay: args.replay,
        bootstrap: args.bootstrap(),
        ..ExtendOptions::new(&args.model, args.folder(run, "extended"))
    };
    let metrics = run.config.task.iter();
    let metrics = metrics.filter_map(|task| Some((task.name.clone(), task.metric.clone()?)));
    let mut listener = progress::listener(output, metrics.collect(), None)?;
    let signals = Signals::listen().context("listening to signals")?;
    let registry = HeadRegistry::default();
    let begun = SystemTime::now();
    let ended = extend(run, &options, &registry, listener.as_mut(), &signals.stop);
    // A bar must be gone before anything is printed.
    drop(listener);
    let page = pages::leave(&options.output.join("training"), begun, output);
    match ended? {
        Extended::Interrupted { steps } => {
            let message = format!(
                "stopped after step {steps}, a checkpoint is saved; the same command with `--output {}` \
                 goes on",
                shell_path(&options.output)
            );
            Err(Stop {
                exit: signals.exit(),
                message,
            }
            .into())
        }
        Extended::Done(report) if output.is_json() => {
            Ok(output.json(&serde_json::json!({ "event": "extension", "extension": report }))?)
        }
        Extended::Done(report) => {
            output.line(report.markdown())?;
            if let Some(page) = page {
                output.line(format!("Report: {}", shell_path(&page)))?;
            }
            let model = options.output.join("model");
            Ok(output.line(format!("Model: {}", shell_path(&model)))?)
        }
    }
}

fn curves(args: &Args, run: &RunFile, output: &Output) -> anyhow::Result<()> {
    let options = FewShotOptions {
        sizes: args.curve.few_shot.clone(),
        seeds: args.curve.seeds.get(),
        against: args.curve.against.as_deref().map(encoder),
        train_only: args.train_only.unwrap_or(TrainOnly::All),
        min_steps: args.curve.min_steps,
        jobs: args.curve.jobs,
        bootstrap: args.bootstrap(),
        ..FewShotOptions::new(&args.model, args.folder(run, "few-shot"))
    };
    let report = few_shot(run, &options, &mut |event| compare::tell(event, output))?;
    if output.is_json() {
        return Ok(output.json(&serde_json::json!({ "event": "few-shot", "few_shot": report }))?);
    }
    output.line(report.markdown().trim_end())?;
    let file = options.output.join("few-shot.json");
    Ok(output.line(format!("\nAll numbers: {}", shell_path(&file)))?)
}

/// A folder as seen from where the command is given, not from the run file; or a hub name.
fn encoder(named: &str) -> String {
    match std::path::absolute(named) {
        Ok(folder) if folder.is_dir() => folder.display().to_string(),
        _ => named.to_owned(),
    }
}

impl Args {
    /// The run file that is named, or that the flags make.
    fn run(&self) -> anyhow::Result<RunFile> {
        let Some(task) = &self.task.task else {
            let path = self.run_file.as_deref().unwrap_or(Path::new(""));
            return Ok(load_run(&self.model, path, &self.overrides)?);
        };
        // Without a run file, what stands first may be an override.
        let mut overrides = self.overrides.clone();
        if let Some(first) = &self.run_file {
            let first = first.to_string_lossy().into_owned();
            if !first.contains('=') {
                let message = format!(
                    "found both a run file, {first}, and --task {task}; describe the task in one of them"
                );
                return Err(Stop::usage(message));
            }
            overrides.insert(0, first);
        }
        let flags = self.task.flags(task);
        let text = flags.to_toml()?;
        self.check_name(task)?;
        overrides.insert(0, format!("run.name={}", toml::Value::from(task.as_str())));
        Ok(parse_run(
            &self.model,
            &text,
            Path::new("--task"),
            &overrides,
        )?)
    }

    /// That the task of the flags is a new one.
    fn check_name(&self, task: &str) -> anyhow::Result<()> {
        let device = open_device("cpu")?;
        let folder = ModelFolder::open(&self.model, &HeadRegistry::default(), &device)?;
        let mut tasks = folder.model.tasks().iter();
        match tasks.find(|known| known.spec.name.as_str() == task) {
            Some(known) => Err(ExtendError::TaskExists {
                model: self.model.clone(),
                task: known.spec.name.clone(),
                kind: known.spec.head.kind().to_owned(),
            }
            .into()),
            None => Ok(()),
        }
    }

    fn folder(&self, run: &RunFile, what: &str) -> PathBuf {
        let given = self.output.clone().or(run.config.run.output.clone());
        given.unwrap_or_else(|| Path::new("runs").join(format!("{}-{what}", run.config.run.name)))
    }

    fn bootstrap(&self) -> Bootstrap {
        Bootstrap {
            resamples: self.resamples.get(),
            ..Bootstrap::default()
        }
    }
}

impl TaskArgs {
    fn flags(&self, task: &str) -> TaskFlags {
        TaskFlags {
            task: task.to_owned(),
            head: self.head.clone(),
            train: self.train.clone(),
            dev: self.dev.clone(),
            test: self.test.clone(),
            label: self.label.clone(),
            format: self.format.clone(),
            text: self.text.clone(),
            text_b: self.text_b.clone(),
            tokens: self.tokens.clone(),
        }
    }
}
