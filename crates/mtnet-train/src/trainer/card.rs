//! The model card that a model folder carries: `README.md` with a metadata head.
//!
//! The head follows the Hugging Face hub (<https://huggingface.co/docs/hub/model-cards>): licence,
//! languages, base model, tags and a `model-index` with the test scores. Licences are those that the
//! run file states; where it states none, the card says so instead of guessing.

mod body;
mod interval;
mod metadata;

use std::collections::BTreeMap;

use mtnet_core::{Split, TaskName};
use mtnet_data::Corpus;
use mtnet_model::ModelFolder;

use super::RunResults;
use crate::run_file::RunFile;

/// What a card is written from.
#[derive(Debug)]
pub struct CardSource<'a> {
    /// The run.
    pub run: &'a RunFile,
    /// The model.
    pub folder: &'a ModelFolder,
    /// Its scores.
    pub results: &'a RunResults,
    /// Texts with a label for each task, by split.
    pub counts: BTreeMap<Split, BTreeMap<TaskName, usize>>,
}

/// A card in the layout of the Hugging Face hub: what the model answers, from which data, how
/// well, and how it is used.
pub fn model_card(source: &CardSource) -> String {
    format!("{}\n{}", metadata::head(source), body::body(source))
}

/// How many texts of a corpus have a label for each task.
pub(super) fn labelled(corpus: &Corpus) -> BTreeMap<TaskName, usize> {
    let mut counts = BTreeMap::new();
    for task in corpus.targets().iter().flat_map(BTreeMap::keys) {
        *counts.entry(task.clone()).or_default() += 1;
    }
    counts
}

impl CardSource<'_> {
    fn count(&self, split: Split, task: &TaskName) -> usize {
        let of_split = self.counts.get(&split);
        of_split
            .and_then(|counts| counts.get(task))
            .copied()
            .unwrap_or(0)
    }
}
