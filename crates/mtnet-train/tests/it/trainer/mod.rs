//! Whole runs on a small made-up data set: two tasks of which one tags words.

mod alarms;
mod attacks;
mod balancing;
mod calibration;
mod combinations;
mod distillation;
mod evaluation;
mod faults;
mod healthy;
mod lifecycle;
mod questions;
mod regularisation;
mod reproducibility;
mod runs;
mod warm_start;

use std::path::{Path, PathBuf};

use mtnet_core::RandomStream;
use mtnet_heads::HeadRegistry;
use mtnet_train::run_file::RunFile;
use mtnet_train::trainer::{Quiet, RunResults, TrainError, TrainOptions, train};

/// Requests of two kinds about places and people, whose words decide label and tags.
fn write_data(folder: &Path) {
    let mut stream = RandomStream::new(5).child("data");
    for (split, count) in [("train", 240), ("dev", 60), ("test", 60)] {
        let lines: String = (0..count).map(|_| example(&mut stream) + "\n").collect();
        std::fs::write(folder.join(format!("{split}.jsonl")), lines).unwrap();
    }
}

fn example(stream: &mut RandomStream) -> String {
    let mut pick = |words: &[&'static str]| words[stream.below(words.len() as u32) as usize];
    let (place, person) = (
        pick(&["Oslo", "Rome", "北京", "Lima"]),
        pick(&["Ada", "Grace", "Linus"]),
    );
    let (tokens, tags, intent) = match pick(&["travel", "call"]) {
        "travel" => (
            ["fly", "me", "to", place, "now"],
            ["O", "O", "O", "B-place", "O"],
            "travel",
        ),
        _ => (
            ["please", "ring", person, "in", place],
            ["O", "O", "B-person", "O", "B-place"],
            "call",
        ),
    };
    serde_json::json!({ "tokens": tokens, "tags": tags, "intent": intent }).to_string()
}

/// A run over that data in a folder of its own.
struct Bench {
    folder: tempfile::TempDir,
}

impl Bench {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        write_data(folder.path());
        let run = r#"
            [run]
            name = "small"
            seed = 7

            [encoder]
            preset = "mt-net-mini"
            hidden_size = 32
            num_layers = 1
            num_attention_heads = 2
            max_length = 32

            [tokenizer]
            vocab_size = 80

            [train]
            epochs = 4
            batch_tokens = 128
            learning_rate = 5e-3
            logging_steps = 5

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

            [[task]]
            name = "slots"
            dataset = "requests"
            head = "token-classification"
            label = "tags"
        "#;
        std::fs::write(folder.path().join("run.toml"), run).unwrap();
        Self { folder }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn load(&self, overrides: &[&str]) -> RunFile {
        let overrides: Vec<String> = overrides.iter().map(|&text| text.to_owned()).collect();
        RunFile::load(&self.path("run.toml"), &overrides).unwrap()
    }

    fn train(&self, output: &str, overrides: &[&str]) -> Result<RunResults, TrainError> {
        let options = TrainOptions {
            output: self.path(output),
            resume: false,
        };
        train(
            &self.load(overrides),
            &options,
            &HeadRegistry::default(),
            &mut Quiet,
        )
    }

    fn resume(&self, output: &str, overrides: &[&str]) -> Result<RunResults, TrainError> {
        let options = TrainOptions {
            output: self.path(output),
            resume: true,
        };
        train(
            &self.load(overrides),
            &options,
            &HeadRegistry::default(),
            &mut Quiet,
        )
    }

    fn read(&self, name: &str) -> Vec<u8> {
        std::fs::read(self.path(name)).unwrap()
    }
}
