//! Whole training steps of a real run under several balancing methods: what balancing costs.
//!
//! Each workload trains the run file for some steps without evaluations and reports the real
//! tokens a second of the steps after the first tenth. Nothing but data and logging differs from
//! `train`.

use std::path::PathBuf;

use anyhow::{Context, Result};
use mtnet_heads::HeadRegistry;
use mtnet_train::events::StepEvent;
use mtnet_train::run_file::RunFile;
use mtnet_train::trainer::{Progress, TrainOptions, train};

use super::{Entry, Sample, Workload};

/// Which run, how long, and under which methods.
#[derive(Clone, Debug, clap::Args)]
pub struct RunSettings {
    /// Run file of the `balance-run` suite; the suite is left out without one.
    #[arg(long, value_name = "RUN.toml")]
    run: Option<PathBuf>,
    /// Settings of that run to change.
    #[arg(long, value_name = "KEY=VALUE")]
    set: Vec<String>,
    /// Its optimizer steps.
    #[arg(long, default_value_t = 40, value_name = "N")]
    steps: u64,
    /// Its methods, each as `[balance]` settings split by blanks.
    #[arg(long, value_name = "METHOD", default_values = [
        "equal", "mgda", "pcgrad", "cagrad", "nash-mtl", "aligned-mtl", "upgrad", "gradnorm",
    ])]
    method: Vec<String>,
}

pub(super) fn entries(settings: &RunSettings) -> Result<Vec<Entry>> {
    let Some(path) = &settings.run else {
        return Ok(Vec::new());
    };
    settings
        .method
        .iter()
        .map(|method| {
            let mut words = method.split_whitespace();
            let first = words.next().context("a method has no name")?;
            let mut overrides = vec![
                format!("balance.method={first}"),
                format!("train.max_steps={}", settings.steps),
                "train.eval_strategy=no".to_owned(),
                "train.logging_steps=1".to_owned(),
                "train.gradient_stats_steps=0".to_owned(),
            ];
            overrides.extend(words.map(|setting| format!("balance.{setting}")));
            overrides.extend(settings.set.iter().cloned());
            let mut run = RunFile::load(path, &overrides)?;
            // What is not trained on is neither read nor scored.
            for dataset in &mut run.config.dataset {
                (dataset.dev, dataset.test) = (None, None);
            }
            let name = format!("balance-run/{}", method.replace(' ', "+"));
            Ok(Entry {
                name: name.clone(),
                build: Box::new(move || {
                    Ok(Box::new(Run {
                        name: name.clone(),
                        run: run.clone(),
                    }))
                }),
            })
        })
        .collect()
}

struct Run {
    name: String,
    run: RunFile,
}

/// Adds up steps after the first tenth.
#[derive(Default)]
struct Clock {
    seconds: f64,
    tokens: f64,
}

impl Progress for Clock {
    fn step(&mut self, event: &StepEvent, total_steps: u64) {
        if event.step > total_steps.div_ceil(10) {
            self.seconds += event.tokens as f64 / event.tokens_per_second.max(1e-9);
            self.tokens += event.tokens as f64;
        }
    }
}

impl Workload for Run {
    fn name(&self) -> &str {
        &self.name
    }

    fn unit(&self) -> Option<&'static str> {
        Some("tokens")
    }

    fn run(&mut self) -> Result<Sample> {
        let folder = tempfile::tempdir()?;
        let options = TrainOptions {
            output: folder.path().join("run"),
            resume: false,
        };
        let mut clock = Clock::default();
        train(&self.run, &options, &HeadRegistry::default(), &mut clock)?;
        Ok(Sample {
            seconds: clock.seconds,
            amount: clock.tokens,
        })
    }
}
