//! A folder with a small run and its data.

use std::fs;
use std::path::{Path, PathBuf};

use mtnet_train::trainer::StopToken;
use mtnet_tune::{Search, TuneEnd, TuneError, TuneEvent, TuneOptions, TuneReport, tune};
use tempfile::TempDir;

pub const RUN: &str = r#"# A comment that is kept.
[run]
name = "tiny"
seed = 3

[encoder]
preset = "mt-net-window" # from scratch
hidden_size = 16
embedding_size = 8

[train]
epochs = 4
batch_size = 4
learning_rate = 1e-3 # searched

[[dataset]]
name = "requests"
format = "jsonl"
tokens = "tokens"
train = "train.jsonl"
dev = "dev.jsonl"
test = "test.jsonl"

[[task]]
name = "intent"
dataset = "requests"
head = "classification"
label = "intent"
"#;

/// A search that every test may add to.
pub const TUNE: &str = r#"
[tune]
trials = 6
seed = 5
sampler = "random"

[tune.space]
"train.learning_rate" = { low = 1e-4, high = 1e-1, log = true }
"encoder.hidden_size" = { choices = [8, 16] }
"#;

#[derive(Debug)]
pub struct Workplace {
    folder: TempDir,
}

impl Workplace {
    pub fn new(tune: &str) -> Self {
        let workplace = Self {
            folder: tempfile::tempdir().expect("a folder"),
        };
        workplace.write("run.toml", &format!("{RUN}{tune}"));
        let words = ["play", "book", "wake"];
        for (split, count) in [("train", 24), ("dev", 9), ("test", 9)] {
            let line = |n: usize| {
                let word = words[n % 3];
                format!(
                    "{{\"tokens\": [\"{word}\", \"w{}\", \"now\"], \"intent\": \"{word}\"}}\n",
                    n % 7
                )
            };
            let text: String = (0..count).map(line).collect();
            workplace.write(&format!("{split}.jsonl"), &text);
        }
        workplace
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn write(&self, name: &str, text: &str) {
        fs::write(self.path(name), text).expect("a file");
    }

    pub fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).expect("a file")
    }

    pub fn search(&self, overrides: &[&str]) -> Result<Search, TuneError> {
        let overrides: Vec<String> = overrides.iter().map(|text| (*text).to_owned()).collect();
        Search::load(&self.path("run.toml"), &overrides)
    }

    /// Searches to the end.
    pub fn tuned(&self, output: &str, overrides: &[&str]) -> (TuneReport, Vec<TuneEvent>) {
        let mut events = Vec::new();
        let search = self.search(overrides).expect("a search");
        let stop = StopToken::new();
        let heard = &mut |event: &TuneEvent| events.push(event.clone());
        match tune(&search, &self.options(output), &stop, heard) {
            Ok(TuneEnd::Done(report)) => (*report, events),
            other => panic!("{other:?}"),
        }
    }

    /// What stops a search.
    pub fn stopped_by(&self, output: &str, overrides: &[&str]) -> TuneError {
        let search = self.search(overrides).expect("a search");
        let options = self.options(output);
        tune(&search, &options, &StopToken::new(), &mut |_| {}).expect_err("it cannot go on")
    }

    pub fn options(&self, output: &str) -> TuneOptions {
        TuneOptions {
            output: self.path(output),
        }
    }
}

pub const HALVING: &str = r#"
[tune]
trials = 6
seed = 5
halving = { rungs = 2, reduction = 2 }

[tune.space]
"train.learning_rate" = { low = 1e-4, high = 1e-1, log = true }
"#;

pub fn began(events: &[TuneEvent]) -> Vec<(usize, usize, bool)> {
    let of = |event: &TuneEvent| match event {
        TuneEvent::Began {
            trial,
            rung,
            resumed,
            ..
        } => Some((*trial, *rung, *resumed)),
        _ => None,
    };
    events.iter().filter_map(of).collect()
}

/// The report without the clock.
pub fn timeless(mut report: TuneReport) -> TuneReport {
    report.seconds = 0.0;
    for trial in &mut report.trials {
        trial
            .scores
            .iter_mut()
            .for_each(|score| score.seconds = 0.0);
    }
    report
}

pub fn models(output: &Path) -> usize {
    let trials = fs::read_dir(output.join("trials")).expect("trials");
    trials
        .flatten()
        .filter(|trial| trial.path().join("model").is_dir())
        .count()
}

pub fn checkpoints(output: &Path) -> usize {
    let trials = fs::read_dir(output.join("trials")).expect("trials");
    let of = |trial: fs::DirEntry| {
        let files = fs::read_dir(trial.path()).expect("a trial").flatten();
        files
            .filter(|file| {
                file.file_name()
                    .to_string_lossy()
                    .starts_with("checkpoint-")
            })
            .count()
    };
    trials.flatten().map(of).sum()
}
