//! `compare`: what sharing gains or costs each task, against single-task models and baselines.

use std::num::NonZero;
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::{Args as ClapArgs, ValueEnum};
use mtnet::compare::{Budget, CompareEvent, CompareOptions, CompareReport, TrialOptions, compare};
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
    /// Trains the run with the single-task models as its teachers, too.
    #[arg(long)]
    distil: bool,
    /// Proposes what the finished runs support where a task loses by sharing, as run files in
    /// advice/ of the comparison.
    #[arg(long)]
    advise: bool,
    /// Trains the proposals, N at most, over the same seeds, and says which one paid.
    #[arg(long = "try", value_name = "N", num_args = 0..=1, default_missing_value = "all",
          value_parser = how_many, requires = "time")]
    trial: Option<HowMany>,
    /// How long --try may train, such as 90s, 45m or 2h30m; more time goes on with what is left.
    #[arg(long, value_name = "TIME", value_parser = time, requires = "trial")]
    time: Option<Duration>,
    /// Samples of each bootstrap.
    #[arg(long, value_name = "N", default_value = "2000")]
    resamples: NonZero<usize>,
}

/// How many proposals to try.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct HowMany(Option<usize>);

fn how_many(text: &str) -> Result<HowMany, String> {
    if text == "all" {
        return Ok(HowMany(None));
    }
    match text.parse::<NonZero<usize>>() {
        Ok(count) => Ok(HowMany(Some(count.get()))),
        Err(_) => Err("expected a number above 0, or nothing for all proposals".to_owned()),
    }
}

/// Numbers with units, from large to small: `2h30m`.
fn time(text: &str) -> Result<Duration, String> {
    let refuse = || "expected a time such as 90s, 45m or 2h30m".to_owned();
    let mut seconds = 0u64;
    let mut rest = text;
    for (unit, length) in [('h', 3600), ('m', 60), ('s', 1)] {
        if let Some((number, behind)) = rest.split_once(unit) {
            let number: u64 = number.parse().map_err(|_| refuse())?;
            let more = number.checked_mul(length);
            let more = more.and_then(|more| seconds.checked_add(more));
            seconds = more.ok_or_else(refuse)?;
            rest = behind;
        }
    }
    match rest.is_empty() && seconds > 0 {
        true => Ok(Duration::from_secs(seconds)),
        false => Err(refuse()),
    }
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
            distil: self.distil,
            advise: self.advise,
            trial: self
                .trial
                .zip(self.time)
                .map(|(wanted, time)| TrialOptions {
                    proposals: wanted.0,
                    time,
                }),
            bootstrap: Bootstrap {
                resamples: self.resamples.get(),
                ..Bootstrap::default()
            },
            ..CompareOptions::new(self.output.clone().unwrap_or_else(named))
        }
    }
}

pub(super) fn tell(event: &CompareEvent, output: &Output) {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_numbers_with_units() {
        let seconds = |text: &str| time(text).map(|time| time.as_secs());
        assert_eq!(seconds("90s"), Ok(90));
        assert_eq!(seconds("2h30m"), Ok(9000));
        assert_eq!(seconds("1h1m1s"), Ok(3661));
        for wrong in [
            "",
            "90",
            "0s",
            "m",
            "30m2h",
            "-1s",
            "1.5h",
            "99999999999999999999h",
        ] {
            assert!(seconds(wrong).is_err(), "{wrong}");
        }
        assert_eq!(how_many("all"), Ok(HowMany(None)));
        assert_eq!(how_many("2"), Ok(HowMany(Some(2))));
        assert!(how_many("0").is_err() && how_many("x=1").is_err());
    }
}
