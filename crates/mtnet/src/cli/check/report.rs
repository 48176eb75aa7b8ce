//! What a check finds.

use std::collections::BTreeMap;

use mtnet::core::{Split, TaskName};
use mtnet::data::{Finding, LengthStats, NumberStats, TaskDraws};
use mtnet::train::run_file::RunFile;
use mtnet::train::trainer::Prepared;
use serde::Serialize;

use super::memory::Memory;
use super::{data, faults, memory, plan, warnings};

/// Everything worth knowing before training.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// Targets by task, data set and split.
    pub targets: Vec<Targets>,
    /// Texts by data set and split.
    pub texts: Vec<Texts>,
    /// Texts that two splits of a data set share.
    pub overlaps: Vec<Overlap>,
    /// What the sampler does to each task in the first epoch.
    pub sampler: BTreeMap<TaskName, TaskDraws>,
    /// Batches and steps.
    pub schedule: Schedule,
    /// Size of the model.
    pub model: Model,
    /// Memory that training takes, in bytes.
    pub memory: Memory,
    /// Faults of the data, with a code, a count and places.
    pub findings: Vec<Finding>,
    /// What looks wrong, and what to do about it.
    pub warnings: Vec<String>,
}

/// The targets of a task in a split of a data set.
#[derive(Clone, Debug, Serialize)]
pub struct Targets {
    /// The task.
    pub task: TaskName,
    /// The data set.
    pub dataset: String,
    /// The split.
    pub split: Split,
    /// Examples with a target.
    pub labelled: usize,
    /// Examples without one.
    pub missing: usize,
    /// Labels with their counts (words for tags, else examples), the most frequent first.
    pub labels: Vec<(String, usize)>,
    /// Ranges of numbers, one a column.
    pub numbers: Vec<NumberStats>,
}

/// The texts of a split of a data set.
#[derive(Clone, Debug, Serialize)]
pub struct Texts {
    /// The data set.
    pub dataset: String,
    /// The split.
    pub split: Split,
    /// Examples.
    pub examples: usize,
    /// Examples without a character of text.
    pub empty: usize,
    /// Examples whose words were not found in their running text.
    pub unlocated: usize,
    /// Lengths in tokens, special ones included.
    pub tokens: LengthStats,
    /// Examples cut into several windows.
    pub windowed: usize,
    /// Examples that lose tokens because they are too long.
    pub truncated: usize,
    /// Tokens that stand for words which the vocabulary cannot spell.
    pub unknown_tokens: usize,
    /// Rows left out as `on_bad_row` allows.
    pub bad_rows: usize,
}

/// Examples of a split whose text another split holds as well.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Overlap {
    /// The data set.
    pub dataset: String,
    /// The split that comes first.
    pub of: Split,
    /// The split whose examples are counted.
    pub with: Split,
    /// How many they are.
    pub shared: usize,
    /// Of how many.
    pub examples: usize,
}

/// How long training is.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Schedule {
    /// Batches of the first epoch.
    pub batches_per_epoch: usize,
    /// Optimizer steps of the run, about.
    pub steps: u64,
}

/// Size of the model.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Model {
    /// Numbers in all parameters.
    pub parameters: usize,
    /// Those that are trained.
    pub trained: usize,
    /// Tokens of the vocabulary.
    pub vocab_size: usize,
    /// Tokens that a sequence has at most.
    pub max_length: usize,
    /// Tokens of the vocabulary that start from a word vector.
    pub word_vectors: usize,
}

impl Report {
    /// Of a prepared run.
    pub fn new(run: &RunFile, prepared: &Prepared) -> Self {
        let parameters = prepared.folder.model.parameters();
        let model = Model {
            parameters: parameters.count(),
            trained: parameters
                .trainable()
                .iter()
                .map(|(_, var)| var.elem_count())
                .sum(),
            vocab_size: prepared.folder.tokenizer.vocab_size(),
            max_length: prepared.folder.max_length,
            word_vectors: prepared.parts.covered,
        };
        let (sampler, schedule) = plan::plan(run, prepared);
        let texts = data::texts(run, prepared);
        let mut report = Self {
            targets: data::targets(run, prepared),
            overlaps: data::overlaps(prepared),
            sampler,
            schedule,
            memory: memory::estimate(run, prepared, &model, &texts),
            texts,
            model,
            findings: faults::find(run, prepared),
            warnings: Vec::new(),
        };
        report.warnings = warnings::find(&report);
        report
    }
}
