//! Faults of data that reading cannot see: what `mtnet check` warns of.
//!
//! The checks are those of spaCy's `debug data` (Explosion, `spacy/cli/debug_data.py`) that apply to
//! any encoder, and what several tasks add: a text that one task trains on and another is tested on.
//! Nothing here tokenises; a text is walked over a few times, and texts are compared by 64-bit
//! hashes of their normalised forms.

mod characters;
mod files;
mod finding;
mod fingerprint;
mod labels;
mod repeats;
mod tags;

use std::collections::BTreeMap;

use mtnet_core::{Split, TargetKind, TaskName};

pub use finding::{Finding, Severity};

use crate::SplitData;
use crate::config::Format;

/// A split of a data set as it was read.
#[derive(Clone, Copy, Debug)]
pub struct QualitySplit<'a> {
    /// Name of the data set.
    pub dataset: &'a str,
    /// How its files are laid out.
    pub format: Format,
    /// The split.
    pub split: Split,
    /// Its examples.
    pub data: &'a SplitData,
}

impl QualitySplit<'_> {
    /// How messages call it.
    fn name(&self) -> String {
        format!("data set `{}`, {}", self.dataset, self.split)
    }
}

/// Everything that looks wrong in the splits of a run, in the order of the splits.
///
/// `tasks` says what each task learns; tasks that are not in it are passed over.
pub fn find_faults(
    splits: &[QualitySplit<'_>],
    tasks: &BTreeMap<TaskName, TargetKind>,
) -> Vec<Finding> {
    let mut findings = Vec::new();
    for split in splits {
        files::check(split, &mut findings);
        characters::check(split, &mut findings);
    }
    repeats::check(splits, &mut findings);
    for (task, kind) in tasks {
        let of_task: Vec<&QualitySplit<'_>> = splits
            .iter()
            .filter(|split| {
                let mut examples = split.data.examples.iter();
                examples.any(|example| example.targets.contains_key(task))
            })
            .collect();
        labels::check(task, *kind, &of_task, &mut findings);
        if *kind == TargetKind::Tags {
            tags::check(task, &of_task, &mut findings);
        }
    }
    findings
}
