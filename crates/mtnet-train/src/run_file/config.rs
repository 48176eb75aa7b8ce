//! The tables of a run file.

use std::path::PathBuf;

use mtnet_balance::BalanceConfig;
use mtnet_core::{DatasetName, TaskName};
use mtnet_data::{
    DatasetConfig, FieldName, OneOrMany, SamplerConfig, Subset, TagScheme, UnknownLabel,
};
use mtnet_encoders::EncoderConfig;
use mtnet_heads::HeadConfig;
use mtnet_text::WordPieceConfig;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{AdversarialConfig, AugmentConfig, DistillationConfig, TrainConfig, TuneConfig};
use crate::monitor::MonitorConfig;

/// A whole run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RunConfig {
    /// Name, seed, device and output folder.
    pub run: RunSection,
    /// The shared encoder.
    pub encoder: EncoderConfig,
    /// The vocabulary of an encoder from scratch; a published encoder brings its own tokenizer.
    #[serde(default)]
    pub tokenizer: WordPieceConfig,
    /// Training.
    #[serde(default)]
    pub train: TrainConfig,
    /// Adversarial training on the embeddings; none by default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub adversarial: Option<AdversarialConfig>,
    /// Further examples made of the training data; none by default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub augment: Option<AugmentConfig>,
    /// How tasks with a `teacher` learn from it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub distillation: Option<DistillationConfig>,
    /// What is watched while it trains, and what happens when values are no longer finite.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub monitor: Option<MonitorConfig>,
    /// How the tasks' losses are weighted.
    #[serde(default)]
    pub balance: BalanceConfig,
    /// How often each task's examples are drawn.
    #[serde(default)]
    pub sampler: SamplerConfig,
    /// What `mtnet tune` searches; training itself does not look at it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tune: Option<TuneConfig>,
    /// Where examples come from.
    pub dataset: Vec<DatasetConfig>,
    /// What is learned from them.
    pub task: Vec<TaskConfig>,
}

impl RunConfig {
    /// The `[monitor]` table, or its defaults.
    pub fn monitor(&self) -> MonitorConfig {
        self.monitor.clone().unwrap_or_default()
    }

    /// The `[distillation]` table, or its defaults.
    pub fn distillation(&self) -> DistillationConfig {
        self.distillation.clone().unwrap_or_default()
    }
}

/// Name, seed, device and output folder of a run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RunSection {
    /// Name of the run; its folder is `runs/<name>` unless `output` says otherwise.
    pub name: String,
    /// Seed of every random draw. Default 42.
    #[serde(default = "default_seed")]
    pub seed: u64,
    /// `cpu` (default), `cuda`, `cuda:N` or `metal`.
    #[serde(default = "default_device")]
    pub device: String,
    /// Licence of the trained weights, for the model card: an SPDX name such as `mit`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub license: Option<String>,
    /// Language or languages of the texts, for the model card: codes such as `en`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<OneOrMany<String>>,
    /// Folder that the run writes to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub output: Option<PathBuf>,
    /// Folder that tokenised texts are kept in from one run to the next; none by default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cache: Option<PathBuf>,
}

fn default_seed() -> u64 {
    42
}

fn default_device() -> String {
    "cpu".to_owned()
}

/// One task: a head, and the labels of one or more data sets that it learns.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TaskConfig {
    /// Name of the task: prefix of its metrics, parameters and answers.
    #[schemars(with = "String")]
    pub name: TaskName,
    /// The data set, or data sets, that it learns from.
    #[schemars(with = "OneOrMany<String>")]
    pub dataset: OneOrMany<DatasetName>,
    /// Its head: a type, or a table with `type` and settings.
    pub head: HeadConfig,
    /// The field that holds its label: a column, a key, or a comment. Several for a regression
    /// with several targets; for answers to questions two, that of the answers and that of their
    /// first characters.
    pub label: OneOrMany<FieldName>,
    /// Its labels in column order; taken from the training data, sorted, where not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub labels: Option<Vec<String>>,
    /// What becomes of a dev or test label that training never saw. Default: an error.
    #[serde(default)]
    pub unknown_label: UnknownLabel,
    /// Scheme of tags. Default `auto`: recognised from the training data and turned into IOB2.
    #[serde(default)]
    pub scheme: TagScheme,
    /// The metric that this task is selected by; its head's main metric where not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub metric: Option<String>,
    /// Whether `[adversarial]` attacks its texts. Default true.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub adversarial: Option<bool>,
    /// Folder of a trained model that answers this task, such as `runs/NAME/model` of a run over
    /// this task alone: the task learns from its answers too, as `[distillation]` says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub teacher: Option<PathBuf>,
    /// Peak learning rate of its head. Default `train.head_learning_rate`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub learning_rate: Option<f64>,
    /// Evaluations without a better score on the development data after which the task rests: its
    /// loss trains neither the encoder nor its head any more. Never by default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub patience: Option<usize>,
    /// A resting task learns again once its score is worse than its best by more than this, in the
    /// unit of its metric. Never by default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wake_up: Option<f64>,
    /// Learns from so many training examples only, drawn with the run's seed so that its labels
    /// take turns. Default: from all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub train_examples: Option<usize>,
    /// Learns from this share of its training examples only, drawn with the run's seed; tasks with
    /// labels on the same examples draw the same ones. Default: from all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub train_fraction: Option<f64>,
    /// Begins with the head, labels and weights that this task has in the model folder that
    /// `[encoder] from` names. Default false: a new head.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub warm_start: bool,
}

impl TaskConfig {
    /// The part of its training examples that it learns from, `None` for all of them.
    pub fn subset(&self) -> Option<Subset> {
        let balanced = self.train_examples.map(Subset::Balanced);
        balanced.or(self.train_fraction.map(Subset::Share))
    }

    /// Whether adversarial training attacks its texts.
    pub fn is_attacked(&self) -> bool {
        self.adversarial.unwrap_or(true)
    }
}
