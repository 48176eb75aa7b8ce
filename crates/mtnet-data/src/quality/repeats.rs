//! Texts that are there more than once: in a split, with other labels, in a test of another task.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use mtnet_core::{Example, RawTarget, Split, TaskName};

use super::QualitySplit;
use super::finding::{Finding, Severity, Tally, more_than};
use super::fingerprint::Fingerprint;

/// More repeated texts of a thousand than this are worth a warning.
const DUPLICATES: usize = 10;

/// The same for texts that differ in a word, which short requests do often.
const NEAR_DUPLICATES: usize = 50;

pub(super) fn check(splits: &[QualitySplit<'_>], findings: &mut Vec<Finding>) {
    let prints: Vec<Vec<Fingerprint>> = splits
        .iter()
        .map(|split| {
            let examples = split.data.examples.iter();
            examples
                .map(|example| Fingerprint::new(&example.text))
                .collect()
        })
        .collect();
    for (split, prints) in splits.iter().zip(&prints) {
        within(split, prints, findings);
    }
    for (train, seen) in splits.iter().zip(&prints) {
        if train.split != Split::Train {
            continue;
        }
        let seen = Seen::new(seen);
        for (other, prints) in splits.iter().zip(&prints) {
            if other.split != Split::Train {
                across(train, &seen, other, prints, findings);
            }
        }
    }
}

/// The texts of a training split.
struct Seen {
    texts: HashMap<u64, usize>,
    near: HashMap<u64, usize>,
}

impl Seen {
    fn new(prints: &[Fingerprint]) -> Self {
        let mut seen = Self {
            texts: HashMap::with_capacity(prints.len()),
            near: HashMap::new(),
        };
        for (number, print) in prints.iter().enumerate() {
            seen.texts.entry(print.text).or_insert(number);
            for key in near_keys(print) {
                seen.near.entry(key).or_insert(number);
            }
        }
        seen
    }

    fn has_near(&self, print: &Fingerprint) -> bool {
        near_keys(print).any(|key| self.near.contains_key(&key))
    }
}

/// Of a text's words as a whole, and without each of them.
fn near_keys(print: &Fingerprint) -> impl Iterator<Item = u64> + '_ {
    std::iter::once(print.words).chain(print.without_one.iter().copied())
}

fn within(split: &QualitySplit<'_>, prints: &[Fingerprint], findings: &mut Vec<Finding>) {
    let examples = &split.data.examples;
    let mut first: HashMap<u64, usize> = HashMap::with_capacity(prints.len());
    let mut near: HashMap<u64, usize> = HashMap::new();
    let (mut same, mut alike) = (Tally::default(), Tally::default());
    let mut contradicting = Tally::default();
    for (number, print) in prints.iter().enumerate() {
        if examples[number].text.first().text().trim().is_empty() {
            continue;
        }
        match first.entry(print.text) {
            Entry::Occupied(earlier) => {
                same.add(split.data, number);
                let earlier = &examples[*earlier.get()];
                if contradicted(earlier, &examples[number]).is_some() {
                    contradicting.add(split.data, number);
                }
                continue;
            }
            Entry::Vacant(entry) => {
                entry.insert(number);
            }
        }
        if near_keys(print).any(|key| near.contains_key(&key)) {
            alike.add(split.data, number);
        }
        for key in near_keys(print) {
            near.entry(key).or_insert(number);
        }
    }
    let (name, all) = (split.name(), examples.len());
    let severity = |few: bool| match few {
        true => Severity::Note,
        false => Severity::Warning,
    };
    let few = !more_than(same.count, DUPLICATES, all);
    same.report(
        "duplicate",
        severity(few),
        |count| {
            format!(
                "{name}: repeats of earlier texts: {count} of {all}; remove them, or they weigh more than others"
            )
        },
        findings,
    );
    let few = !more_than(alike.count, NEAR_DUPLICATES, all);
    alike.report(
        "near-duplicate",
        severity(few),
        |count| {
            format!(
                "{name}: repeats of earlier texts but for case, punctuation, numbers or one word: {count} of {all}"
            )
        },
        findings,
    );
    contradicting.report(
        "contradicting-labels",
        Severity::Warning,
        |count| {
            format!(
                "{name}: repeats of a text with another label: {count}; one of the two is noise"
            )
        },
        findings,
    );
}

/// The first task that two examples of one text answer differently.
fn contradicted<'a>(a: &'a Example, b: &Example) -> Option<&'a TaskName> {
    let differs = |a: &RawTarget, b: &RawTarget| match (a, b) {
        (RawTarget::Labels(a), RawTarget::Labels(b)) => {
            let sorted = |labels: &[String]| {
                let mut labels = labels.to_vec();
                labels.sort_unstable();
                labels
            };
            sorted(a) != sorted(b)
        }
        // Annotators' numbers differ; they are no mistake.
        (RawTarget::Numbers(_), _) => false,
        (a, b) => a != b,
    };
    a.targets
        .iter()
        .find(|(task, target)| {
            b.targets
                .get(*task)
                .is_some_and(|other| differs(target, other))
        })
        .map(|(task, _)| task)
}

fn across(
    train: &QualitySplit<'_>,
    seen: &Seen,
    other: &QualitySplit<'_>,
    prints: &[Fingerprint],
    findings: &mut Vec<Finding>,
) {
    let same_dataset = train.dataset == other.dataset;
    let (mut same, mut alike) = (Tally::default(), Tally::default());
    for (number, print) in prints.iter().enumerate() {
        let text = other.data.examples[number].text.first().text();
        if text.trim().is_empty() {
            continue;
        }
        if seen.texts.contains_key(&print.text) {
            same.add(other.data, number);
        } else if seen.has_near(print) {
            alike.add(other.data, number);
        }
    }
    let (name, all) = (other.name(), prints.len());
    // Shared texts of one data set are counted by `overlap`.
    if !same_dataset {
        same.report(
            "cross-task-leak",
            Severity::Warning,
            |count| {
                format!(
                    "{name}: training texts of data set `{}`: {count} of {all}; the encoder learns from them, so scores on them say little",
                    train.dataset
                )
            },
            findings,
        );
    }
    if more_than(alike.count, NEAR_DUPLICATES, all) {
        alike.report(
            "near-leak",
            Severity::Warning,
            |count| {
                format!(
                    "{name}: training texts of data set `{}` but for case, punctuation, numbers or one word: {count} of {all}",
                    train.dataset
                )
            },
            findings,
        );
    }
}
