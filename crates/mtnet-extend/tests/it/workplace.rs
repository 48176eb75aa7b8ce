//! A folder with a trained model of two tasks, and data for a third.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::PathBuf;

use candle_core::Device;
use mtnet_core::TaskName;
use mtnet_extend::{
    ExtendError, ExtendOptions, ExtendReport, Extended, extend, load_run, parse_run,
};
use mtnet_heads::HeadRegistry;
use mtnet_metrics::Bootstrap;
use mtnet_model::{ModelFolder, PredictInput, Prediction, Predictor};
use mtnet_train::run_file::RunFile;
use mtnet_train::trainer::{Progress, Quiet, StopToken, TrainOptions, train};
use tempfile::TempDir;

/// The run that trains the model.
pub const RUN: &str = r#"
[run]
name = "old"

[encoder]
preset = "mt-net-window"
hidden_size = 16

[train]
epochs = 6
batch_tokens = 64
learning_rate = 1e-2
"#;

/// Its tasks with their data.
pub const OLD: &str = r#"
[[dataset]]
name = "requests"
format = "jsonl"
tokens = "tokens"
train = "requests.jsonl"
dev = "requests.jsonl"
test = "requests.jsonl"

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
"#;

/// A third task.
pub const NEW: &str = r#"
[[dataset]]
name = "moods"
format = "jsonl"
train = "moods.jsonl"
dev = "moods.jsonl"
test = "moods.jsonl"

[[task]]
name = "mood"
dataset = "moods"
head = "classification"
label = "mood"
"#;

pub const TEXTS: [&str; 3] = ["play Adele", "a dull table for 3", "what fun"];

pub struct Workplace {
    folder: TempDir,
}

impl Workplace {
    /// With the model of [`RUN`].
    pub fn new() -> Self {
        Self::with(&[])
    }

    /// With a model whose run file has these changes.
    pub fn with(overrides: &[&str]) -> Self {
        let workplace = Self {
            folder: tempfile::tempdir().expect("a temporary folder"),
        };
        let (mut requests, mut moods) = (String::new(), String::new());
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
            let lines = writeln!(
                moods,
                r#"{{"text": "what fun with {name}", "mood": "good"}}
{{"text": "{name} was dull", "mood": "bad"}}
{{"text": "table {number}", "mood": "none"}}"#
            );
            lines.expect("a string can be written to");
        }
        workplace.write("requests.jsonl", &requests);
        workplace.write("moods.jsonl", &moods);
        workplace.write("old.toml", &format!("{RUN}{OLD}"));
        let overrides = owned(overrides);
        let run = RunFile::load(&workplace.path("old.toml"), &overrides).expect("a run file");
        let options = TrainOptions {
            output: workplace.path("old"),
            resume: false,
        };
        train(&run, &options, &HeadRegistry::default(), &mut Quiet).expect("a model");
        workplace
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn write(&self, name: &str, text: &str) {
        fs::write(self.path(name), text).expect("a file");
    }

    pub fn model(&self) -> PathBuf {
        self.path("old/model")
    }

    /// The run of an extension: `text` with fast settings.
    pub fn run(&self, text: &str, overrides: &[&str]) -> Result<RunFile, ExtendError> {
        let mut all = owned(&[
            "train.learning_rate=1e-2",
            "train.head_learning_rate=1e-2",
            "train.warmup_ratio=0",
            "train.batch_tokens=32",
        ]);
        all.extend(owned(overrides));
        parse_run(&self.model(), text, &self.path("new.toml"), &all)
    }

    pub fn options(&self, output: &str) -> ExtendOptions {
        ExtendOptions {
            bootstrap: bootstrap(),
            ..ExtendOptions::new(self.model(), self.path(output))
        }
    }

    pub fn extended(&self, run: &RunFile, options: &ExtendOptions) -> ExtendReport {
        match self
            .try_extend(run, options, &mut Quiet)
            .expect("an extension")
        {
            Extended::Done(report) => *report,
            stopped => panic!("{stopped:?}"),
        }
    }

    pub fn try_extend(
        &self,
        run: &RunFile,
        options: &ExtendOptions,
        progress: &mut (dyn Progress + Send),
    ) -> Result<Extended, ExtendError> {
        let registry = HeadRegistry::default();
        extend(run, options, &registry, progress, &StopToken::new())
    }

    pub fn load(&self, name: &str) -> Result<RunFile, ExtendError> {
        load_run(&self.model(), &self.path(name), &[])
    }
}

pub fn bootstrap() -> Bootstrap {
    Bootstrap {
        resamples: 100,
        ..Bootstrap::default()
    }
}

fn owned(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}

/// What a model folder answers for [`TEXTS`].
pub fn answers(folder: &std::path::Path, tasks: &[&str]) -> Vec<Prediction> {
    let predictor = Predictor::open(folder, &Device::Cpu).expect("a model");
    let inputs = TEXTS.map(PredictInput::text);
    let tasks: Vec<TaskName> = tasks.iter().map(|task| name(task)).collect();
    predictor.predict(&inputs, &tasks).expect("answers")
}

/// The bits of every parameter whose name begins so.
pub fn bits(folder: &std::path::Path, prefix: &str) -> BTreeMap<String, Vec<u32>> {
    let folder = ModelFolder::open(folder, &HeadRegistry::default(), &Device::Cpu);
    let parameters = folder.expect("a model").model.parameters().vars();
    let wanted = parameters
        .into_iter()
        .filter(|(name, _)| name.starts_with(prefix));
    wanted
        .map(|(name, var)| {
            let values = var.as_tensor().flatten_all().expect("values");
            let values = values.to_vec1::<f32>().expect("values");
            (name, values.into_iter().map(f32::to_bits).collect())
        })
        .collect()
}

pub fn name(name: &str) -> TaskName {
    TaskName::new(name).expect("a name")
}
