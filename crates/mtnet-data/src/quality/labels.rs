//! Labels and numbers: too few, too uneven, written in two ways, or the same everywhere.

use std::collections::BTreeMap;

use mtnet_core::{Split, TargetKind, TaskName};

use super::QualitySplit;
use super::finding::{Finding, Severity, Tally};
use crate::TargetStats;
use crate::error::counted;

/// Fewer training examples than this teach hardly anything (spaCy's `BLANK_MODEL_MIN_THRESHOLD`).
const FEW_EXAMPLES: usize = 100;

/// How much more often the most frequent label may stand there than the rarest.
const IMBALANCE: usize = 10;

/// Of fewer labels than this in another split, it says nothing that some are not there.
const ENOUGH_TO_MISS: usize = 20;

/// Labels named in a message.
const NAMED: usize = 3;

pub(super) fn check(
    task: &TaskName,
    kind: TargetKind,
    splits: &[&QualitySplit<'_>],
    findings: &mut Vec<Finding>,
) {
    let mut seen = BTreeMap::<Split, TargetStats>::new();
    for split in splits {
        let stats = TargetStats::of(&split.data.examples, task);
        if split.split == Split::Train {
            let name = format!("task `{task}`, data set `{}`", split.dataset);
            training(&name, kind, &stats, findings);
        }
        let all = seen.entry(split.split).or_default();
        all.labelled += stats.labelled;
        for (label, count) in stats.labels {
            *all.labels.entry(label).or_default() += count;
        }
    }
    if let Some(train) = seen.get(&Split::Train) {
        spellings(task, train, findings);
        types(task, train, findings);
        for (split, stats) in &seen {
            if *split != Split::Train && kind != TargetKind::Numbers {
                missing(task, train, *split, stats, findings);
            }
        }
    }
}

fn warn(code: &'static str, count: usize, message: String, findings: &mut Vec<Finding>) {
    let tally = Tally {
        count,
        places: Vec::new(),
    };
    tally.report(code, Severity::Warning, |_| message, findings);
}

fn training(name: &str, kind: TargetKind, stats: &TargetStats, findings: &mut Vec<Finding>) {
    if stats.labelled < FEW_EXAMPLES {
        let found = counted(stats.labelled, "training example");
        let message = format!("{name}: {found}, expected at least {FEW_EXAMPLES} to learn from");
        warn("few-examples", stats.labelled, message, findings);
    }
    let mut counts: Vec<(&str, usize)> = stats
        .labels
        .iter()
        .map(|(label, count)| (label.as_str(), *count))
        .collect();
    counts.sort_by_key(|&(_, count)| count);
    if let (TargetKind::Label, [rare, .., frequent]) = (kind, counts.as_slice())
        && frequent.1 > IMBALANCE * rare.1
    {
        let message = format!(
            "{name}: `{}` stands there {} times and `{}` {}, more than {IMBALANCE} to 1; look at macro scores, or weigh the labels",
            frequent.0, frequent.1, rare.0, rare.1
        );
        warn("class-imbalance", 1, message, findings);
    }
    for (label, count) in counts.iter().filter(|(_, count)| {
        kind == TargetKind::Labels && *count == stats.labelled && stats.labelled > 1
    }) {
        let message =
            format!("{name}: every example has the label `{label}`; it can teach nothing");
        warn("label-without-negatives", *count, message, findings);
    }
    for (column, numbers) in stats.numbers.iter().enumerate() {
        if numbers.count > 1 && numbers.min >= numbers.max {
            let message = format!(
                "{name}: number {} is {} in every example; there is nothing to learn",
                column + 1,
                numbers.min
            );
            warn("constant-target", numbers.count, message, findings);
        }
    }
}

/// Labels that differ in case, blanks or punctuation alone.
fn spellings(task: &TaskName, train: &TargetStats, findings: &mut Vec<Finding>) {
    let mut alike: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for label in train.labels.keys() {
        // Prefixes of tags are the same in all of them.
        let plain: String = label
            .chars()
            .filter(|c| c.is_alphanumeric())
            .flat_map(char::to_lowercase)
            .collect();
        if !plain.is_empty() {
            alike.entry(plain).or_default().push(label);
        }
    }
    let twice: Vec<String> = alike
        .into_values()
        .filter(|labels| labels.len() > 1)
        .map(|labels| format!("`{}`", labels.join("` and `")))
        .collect();
    if !twice.is_empty() {
        let message = format!(
            "task `{task}`: labels that differ in case, blanks or punctuation alone: {}; write each in one way",
            named(&twice)
        );
        warn("label-spelling", twice.len(), message, findings);
    }
}

/// Numbers among names, or names among numbers.
fn types(task: &TaskName, train: &TargetStats, findings: &mut Vec<Finding>) {
    let total: usize = train.labels.values().sum();
    let is_number = |label: &str| label.parse::<f64>().is_ok();
    let (numbers, names): (Vec<_>, Vec<_>) =
        train.labels.iter().partition(|(label, _)| is_number(label));
    let count =
        |labels: &[(&String, &usize)]| labels.iter().map(|(_, count)| **count).sum::<usize>();
    let (few, many) = match count(&numbers) < count(&names) {
        true => (numbers, "names"),
        false => (names, "numbers"),
    };
    if !few.is_empty() && count(&few) * 5 < total {
        let list: Vec<String> = few.iter().map(|(label, _)| format!("`{label}`")).collect();
        let message = format!(
            "task `{task}`: {} among labels that are {many}; a column changed its type",
            named(&list)
        );
        warn("label-type", few.len(), message, findings);
    }
}

/// Labels of one split that the other lacks.
fn missing(
    task: &TaskName,
    train: &TargetStats,
    split: Split,
    stats: &TargetStats,
    findings: &mut Vec<Finding>,
) {
    let lacking = |of: &TargetStats, other: &TargetStats| -> Vec<String> {
        let lacks = |label: &&String| !other.labels.contains_key(*label);
        let labels = of.labels.keys().filter(lacks);
        labels.map(|label| format!("`{label}`")).collect()
    };
    let unseen = lacking(stats, train);
    if !unseen.is_empty() {
        let message = format!(
            "task `{task}`, {split}: labels that training never has: {}; no model can answer them",
            named(&unseen)
        );
        warn("label-not-in-training", unseen.len(), message, findings);
    }
    let untested = lacking(train, stats);
    if !untested.is_empty() && stats.labelled >= ENOUGH_TO_MISS {
        let message = format!(
            "task `{task}`, {split}: labels of training that are not there: {}; scores say nothing about them",
            named(&untested)
        );
        warn("label-only-in-training", untested.len(), message, findings);
    }
}

fn named(list: &[String]) -> String {
    let more = if list.len() > NAMED { ", …" } else { "" };
    format!("{}{more}", list[..list.len().min(NAMED)].join(", "))
}
