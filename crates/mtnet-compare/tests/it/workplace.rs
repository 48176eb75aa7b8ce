//! A folder with three small tasks in two data sets, and a comparison of them.

use std::fmt::Write as _;
use std::fs;
use std::num::NonZero;
use std::path::Path;

use mtnet_compare::{CompareEvent, CompareOptions, CompareReport, compare};
use mtnet_metrics::Bootstrap;
use mtnet_train::run_file::RunFile;
use tempfile::TempDir;

pub const RUN: &str = r#"
[run]
name = "small"
seed = 3

[encoder]
preset = "mt-net-window"
hidden_size = 16

[train]
epochs = 3
batch_tokens = 64
learning_rate = 1e-2

[[dataset]]
name = "requests"
format = "jsonl"
tokens = "tokens"
train = "requests.jsonl"
dev = "requests.jsonl"
test = "requests.jsonl"

[[dataset]]
name = "prices"
format = "jsonl"
train = "prices.jsonl"
dev = "prices.jsonl"

[[task]]
name = "intent"
dataset = "requests"
head = "classification"
label = "intent"

[[task]]
name = "slots"
dataset = "requests"
head = "token-classification"
label = "slots"

[[task]]
name = "price"
dataset = "prices"
head = "regression"
label = "price"
"#;

pub struct Workplace {
    folder: TempDir,
}

impl Workplace {
    pub fn new() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let mut requests = String::new();
        let mut prices = String::new();
        for (number, name) in ["Adele", "Bach", "Ella", "Miles", "Nina", "Oslo"]
            .iter()
            .enumerate()
        {
            let lines = writeln!(
                requests,
                r#"{{"tokens": ["play", "{name}"], "intent": "play", "slots": ["O", "B-name"]}}
{{"tokens": ["book", "a", "table", "for", "{number}"], "intent": "book", "slots": ["O", "O", "O", "O", "O"]}}"#
            );
            lines.expect("a string can be written to");
            let line = writeln!(
                prices,
                r#"{{"text": "{} apples for {name}", "price": {number}.5}}"#,
                "many ".repeat(number)
            );
            line.expect("a string can be written to");
        }
        fs::write(folder.path().join("requests.jsonl"), requests).expect("a file");
        fs::write(folder.path().join("prices.jsonl"), prices).expect("a file");
        fs::write(folder.path().join("run.toml"), RUN).expect("a file");
        Self { folder }
    }

    pub fn path(&self, name: &str) -> std::path::PathBuf {
        self.folder.path().join(name)
    }

    pub fn run(&self, overrides: &[&str]) -> RunFile {
        let overrides: Vec<String> = overrides.iter().map(|text| (*text).to_owned()).collect();
        RunFile::load(&self.path("run.toml"), &overrides).expect("a run file")
    }

    pub fn options(&self, output: &str) -> CompareOptions {
        CompareOptions {
            seeds: 2,
            jobs: NonZero::new(2),
            bootstrap: Bootstrap {
                resamples: 50,
                ..Bootstrap::default()
            },
            ..CompareOptions::new(self.path(output))
        }
    }
}

/// A comparison with everything that was told meanwhile.
pub fn compared(run: &RunFile, options: &CompareOptions) -> (CompareReport, Vec<CompareEvent>) {
    let mut events = Vec::new();
    let report = compare(run, options, &mut |event| events.push(event.clone()));
    (report.expect("a comparison"), events)
}

/// Names of the runs that began, and how many were kept from before.
pub fn begun(events: &[CompareEvent]) -> (Vec<String>, usize) {
    let began = events.iter().filter_map(|event| match event {
        CompareEvent::Started { run, resumed } => {
            Some(format!("{run}{}", if *resumed { " resumed" } else { "" }))
        }
        _ => None,
    });
    let kept = events
        .iter()
        .filter(|event| matches!(event, CompareEvent::Finished { kept: true, .. }));
    (began.collect(), kept.count())
}

/// Whether a folder holds a checkpoint.
pub fn has_checkpoint(folder: &Path) -> bool {
    let entries = fs::read_dir(folder).expect("a folder").flatten();
    entries.into_iter().any(|entry| {
        entry
            .file_name()
            .to_string_lossy()
            .starts_with("checkpoint-")
    })
}
