//! `attack`: how much of a model's accuracy is left under attack.

mod examples;
mod recipes;
mod table;

use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context as _;
use clap::Args as ClapArgs;
use mtnet::attack::{
    AttackConfig, AttackError, AttackOptions, AttackOutcome, CrossTaskEffect, Summary,
    SynonymTable, attack, cross_task,
};
use mtnet::core::{Split, TaskName};
use mtnet::model::ModelFolder;
use mtnet::train::run_file::RunFile;
use mtnet::train::trainer::open_device;
use serde::Serialize;
use serde_json::json;

use self::examples::{TaskExamples, read};
use super::exit::Stop;
use super::model;
use super::output::Output;

/// Arguments of `attack`.
#[derive(Debug, ClapArgs)]
pub struct Args {
    /// The model folder.
    model: PathBuf,
    /// The run file that names data sets and tasks; labels and settings are the model's own.
    #[arg(long, value_name = "RUN.toml")]
    data: PathBuf,
    /// Which part of the data sets.
    #[arg(long, default_value_t = Split::Test, value_name = "train|dev|test")]
    split: Split,
    /// A task to attack; may be given several times. Default: all that have labels in the data.
    #[arg(long = "task", value_name = "TASK")]
    tasks: Vec<TaskName>,
    /// A recipe, a TOML file with one, or `all`; may be given several times: deepwordbug,
    /// textbugger-characters, keyboard, case, zero-width, hotflip, input-reduction, checklist,
    /// synonyms.
    #[arg(
        long = "recipe",
        value_name = "NAME|FILE.toml",
        default_value = "deepwordbug"
    )]
    recipes: Vec<String>,
    /// Examples of each task, drawn with the seed; 0 takes all.
    #[arg(long, value_name = "N", default_value_t = 200)]
    examples: usize,
    /// What every draw depends on.
    #[arg(long, value_name = "S", default_value_t = 42)]
    seed: u64,
    /// Questions to the model an example may cost, the clean text counted. Default: the recipe's.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    max_queries: Option<u32>,
    /// Words and their synonyms for the recipe `synonyms`: a word, a tab, its synonyms with tabs
    /// between, a line.
    #[arg(long, value_name = "FILE")]
    synonyms: Option<PathBuf>,
    /// Asks every other task about the texts that broke an answer.
    #[arg(long)]
    cross_task: bool,
    /// Writes each example with its attacked text, one JSON object a line.
    #[arg(long, value_name = "RESULTS.jsonl")]
    output: Option<PathBuf>,
    /// Writes the tables as one JSON object.
    #[arg(long)]
    json: bool,
    /// Settings of the run file to change, such as dataset.ewt.test=other.conllu.
    #[arg(value_name = "KEY=VALUE")]
    overrides: Vec<String>,
}

/// One recipe on one task.
#[derive(Debug, Serialize)]
struct Attack {
    config: AttackConfig,
    summary: Summary,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    cross_task: Vec<CrossTaskEffect>,
}

/// A line of the results.
#[derive(Debug, Serialize)]
struct Line<'a> {
    task: &'a TaskName,
    recipe: &'a str,
    #[serde(flatten)]
    outcome: &'a AttackOutcome,
}

/// Attacks and prints the table.
pub fn run(args: &Args, output: &Output) -> anyhow::Result<()> {
    let chosen = recipes::choose(&args.recipes, args.synonyms.is_some())?;
    let synonyms = args.synonyms.as_deref().map(read_synonyms).transpose()?;
    let run = RunFile::load(&args.data, &args.overrides)?;
    let device = open_device(&run.config.run.device)?;
    let folder = model::open(&args.model, &device)?;
    for task in &args.tasks {
        folder.model.task_index(task)?;
    }
    let data = read(&run, args.split, &folder)?;
    let tasks = data.tasks(&folder, &args.tasks, args.examples, args.seed);
    if tasks.is_empty() {
        let message = format!(
            "no example of the {} data has a label for a task to attack",
            args.split
        );
        return Err(Stop::data(message));
    }
    let mut results = args.output.as_deref().map(Results::create).transpose()?;
    let mut attacks = Vec::new();
    for task in &tasks {
        for one in &chosen {
            let mut config = one.config.clone();
            config.max_queries = args
                .max_queries
                .map(|max| max as usize)
                .or(config.max_queries);
            let mut options = AttackOptions::new(task.name.clone(), args.seed);
            options.batch_tokens = run.config.train.eval_batch_tokens;
            options.synonyms = synonyms.clone();
            let outcomes = match attack(&folder, &task.examples, &config, &options) {
                Ok(outcomes) => outcomes,
                Err(error) if one.is_optional && is_misfit(&error) => {
                    output.error(format!("left out: {error}"));
                    continue;
                }
                Err(error) => return Err(error.into()),
            };
            if let Some(results) = &mut results {
                results.write(task, &config, &outcomes)?;
            }
            attacks.push(sum_up(args, &folder, task, config, &outcomes, &options)?);
        }
    }
    if let Some(results) = results {
        results.finish()?;
    }
    if args.json || output.is_json() {
        return Ok(output.json(&json!({
            "split": args.split, "seed": args.seed, "attacks": attacks
        }))?);
    }
    Ok(output.line(table::text(&attacks))?)
}

fn sum_up(
    args: &Args,
    folder: &ModelFolder,
    task: &TaskExamples,
    config: AttackConfig,
    outcomes: &[AttackOutcome],
    options: &AttackOptions,
) -> anyhow::Result<Attack> {
    let index = folder.model.task_index(&task.name)?;
    let summary = Summary::new(
        &folder.model.tasks()[index],
        &config,
        &task.examples,
        outcomes,
    )?;
    let cross_task = match args.cross_task {
        true => {
            let tokens = options.batch_tokens;
            cross_task(folder, &task.name, &task.examples, outcomes, tokens)?
        }
        false => Vec::new(),
    };
    Ok(Attack {
        config,
        summary,
        cross_task,
    })
}

/// Whether a recipe cannot be used on a task or model, which `all` passes over.
fn is_misfit(error: &AttackError) -> bool {
    matches!(
        error,
        AttackError::Goal { .. }
            | AttackError::Transformation { .. }
            | AttackError::WhiteBox { .. }
    )
}

fn read_synonyms(path: &Path) -> anyhow::Result<Arc<SynonymTable>> {
    let content = std::fs::read_to_string(path).map_err(|error| {
        Stop::usage(format!("cannot read synonyms {}: {error}", path.display()))
    })?;
    let table = SynonymTable::parse(&content).with_context(|| Stop {
        exit: super::exit::Exit::Data,
        message: format!("no table of synonyms in {}", path.display()),
    })?;
    Ok(Arc::new(table))
}

/// The file of results, whole only when it is finished.
struct Results {
    path: PathBuf,
    beside: PathBuf,
    writer: BufWriter<File>,
}

impl Results {
    fn create(path: &Path) -> anyhow::Result<Self> {
        let mut name = path.as_os_str().to_owned();
        name.push(".tmp");
        let beside = PathBuf::from(name);
        let file = File::create(&beside).map_err(|error| {
            Stop::usage(format!("cannot write results {}: {error}", path.display()))
        })?;
        Ok(Self {
            path: path.to_owned(),
            beside,
            writer: BufWriter::new(file),
        })
    }

    fn write(
        &mut self,
        task: &TaskExamples,
        config: &AttackConfig,
        outcomes: &[AttackOutcome],
    ) -> anyhow::Result<()> {
        for outcome in outcomes {
            let line = Line {
                task: &task.name,
                recipe: &config.name,
                outcome,
            };
            let context = || format!("writing {}", self.beside.display());
            let text = serde_json::to_string(&line).with_context(context)?;
            writeln!(self.writer, "{text}")
                .with_context(|| format!("writing {}", self.beside.display()))?;
        }
        Ok(())
    }

    fn finish(mut self) -> anyhow::Result<()> {
        let context = || format!("writing {}", self.path.display());
        self.writer.flush().with_context(context)?;
        std::fs::rename(&self.beside, &self.path).with_context(context)
    }
}
