//! `compare`: what sharing gains or costs each task, against single-task models and baselines.

use std::num::NonZero;
use std::path::{Path, PathBuf};

use clap::{Args as ClapArgs, ValueEnum};
use mtnet::compare::{Budget, CompareEvent, CompareOptions, CompareReport, compare};
use mtnet::heads::HeadRegistry;
use mtnet::metrics::Bootstrap;
use mtnet::train::run_file::RunFile;

use super::format::{duration, shell_path};
use super::output::Output;

/// Arguments of `compare`.
#[derive(Debug, ClapArgs)]
pub struct Args {
    /// The run file.
    #[arg(value_name = "RUN.toml")]
    run_file: PathBuf,
    /// Settings to change, such as train.learning_rate=3e-5.
    #[arg(value_name = "KEY=VALUE")]
    overrides: Vec<String>,
    /// Seeds of each system: that of the run file and the ones after it.
    #[arg(long, value_name = "N", default_value = "3")]
    seeds: NonZero<usize>,
    /// Folder of the comparison, which goes on with what is in it; by default runs/NAME-compare.
    #[arg(long, value_name = "DIR")]
    output: Option<PathBuf>,
    /// What a single-task model gets as much of.
    #[arg(long, value_enum, default_value = "examples", value_name = "BUDGET")]
    budget: BudgetArg,
    /// Runs that go side by side; by default as many as there are cores.
    #[arg(long, value_name = "N")]
    jobs: Option<NonZero<usize>>,
    /// Leaves classical baselines out.
    #[arg(long)]
    no_classical: bool,
    /// Leaves the MT-Net on word vectors out.
    #[arg(long)]
    no_window: bool,
    /// Word vectors of that MT-Net, as `encoder.word_vectors`; random by default.
    #[arg(long, value_name = "PATH")]
    word_vectors: Option<PathBuf>,
    /// Samples of each bootstrap.
    #[arg(long, value_name = "N", default_value = "2000")]
    resamples: NonZero<usize>,
}

/// As `Budget`, for the command line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum BudgetArg {
    /// Examples of its task; its batches are as large, so it takes fewer steps.
    Examples,
    /// Examples of its task and optimizer steps; its batches are smaller.
    Steps,
}

/// Compares and prints the tables.
pub fn run(args: &Args, output: &Output) -> anyhow::Result<()> {
    let run = RunFile::load(&args.run_file, &args.overrides)?;
    run.check_files()?;
    run.check_heads(&HeadRegistry::default())?;
    let options = args.options(&run);
    let report = compare(&run, &options, &mut |event| tell(event, output))?;
    show(&report, &options.output, output)
}

impl Args {
    fn options(&self, run: &RunFile) -> CompareOptions {
        let named = || Path::new("runs").join(format!("{}-compare", run.config.run.name));
        CompareOptions {
            seeds: self.seeds.get(),
            budget: match self.budget {
                BudgetArg::Examples => Budget::Examples,
                BudgetArg::Steps => Budget::Steps,
            },
            jobs: self.jobs,
            classical: !self.no_classical,
            window: !self.no_window,
            // Relative to where the command is given, not to the run file.
            word_vectors: self
                .word_vectors
                .as_ref()
                .map(|path| std::path::absolute(path).unwrap_or_else(|_| path.clone())),
            bootstrap: Bootstrap {
                resamples: self.resamples.get(),
                ..Bootstrap::default()
            },
            ..CompareOptions::new(self.output.clone().unwrap_or_else(named))
        }
    }
}

fn tell(event: &CompareEvent, output: &Output) {
    if output.is_quiet() {
        return;
    }
    match event {
        CompareEvent::Stage(stage) => output.error(stage),
        CompareEvent::Started { run, resumed } => {
            let how = if *resumed { "goes on" } else { "begins" };
            output.error(format!("{run} {how}"));
        }
        CompareEvent::Finished {
            run,
            done,
            total,
            kept,
            seconds,
        } => {
            let how = match kept {
                true => "kept from before".to_owned(),
                false => format!("done in {}", duration(*seconds)),
            };
            output.error(format!("[{done}/{total}] {run} {how}"));
        }
        _ => {}
    }
}

fn show(report: &CompareReport, folder: &Path, output: &Output) -> anyhow::Result<()> {
    if output.is_json() {
        return Ok(
            output.json(&serde_json::json!({ "event": "comparison", "comparison": report }))?
        );
    }
    output.line(report.markdown())?;
    let file = folder.join("compare.json");
    Ok(output.line(format!("All numbers: {}", shell_path(&file)))?)
}
