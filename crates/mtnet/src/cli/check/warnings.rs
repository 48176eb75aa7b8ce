//! What looks wrong in a report, and what to do about it.

use mtnet::core::Split;
use mtnet::data::Severity;

use super::report::{Overlap, Report, Targets};
use crate::cli::format::percent;

/// Fewer training examples of a label than this teach little.
const FEW: usize = 10;

/// A label that makes more of the training data than this is nearly always right.
const MOST: f64 = 0.95;

/// More unknown tokens of a thousand than this, and a vocabulary does not fit its texts.
const UNKNOWN: usize = 20;

/// A task drawn more often than this from each of its examples in an epoch is learned by heart.
const REPEATS: f64 = 10.0;

/// The warnings about a report, each one sentence.
pub fn find(report: &Report) -> Vec<String> {
    let mut warnings = Vec::new();
    for targets in report
        .targets
        .iter()
        .filter(|targets| targets.split == Split::Train)
    {
        rare_labels(targets, &mut warnings);
        one_label(targets, &mut warnings);
    }
    let leaks = |overlap: &&Overlap| overlap.of == Split::Train && overlap.shared > 0;
    for overlap in report.overlaps.iter().filter(leaks) {
        warnings.push(format!(
            "data set `{}`: {} of {} {} texts ({}) are training texts as well; scores on them say little",
            overlap.dataset,
            overlap.shared,
            overlap.examples,
            overlap.with,
            percent(overlap.shared, overlap.examples),
        ));
    }
    for texts in &report.texts {
        let what = format!("data set `{}`, {}", texts.dataset, texts.split);
        if texts.truncated > 0 {
            let share = percent(texts.truncated, texts.examples);
            warnings.push(format!(
                "{what}: {} texts ({share}) are cut at {} tokens; raise `encoder.max_length` if the encoder allows",
                texts.truncated, report.model.max_length
            ));
        }
        if texts.unknown_tokens * 1000 > UNKNOWN * texts.tokens.total {
            let share = percent(texts.unknown_tokens, texts.tokens.total);
            warnings.push(format!(
                "{what}: {share} of the tokens stand for words that the vocabulary cannot spell; use an encoder of the texts' language"
            ));
        }
        if texts.bad_rows > 0 {
            let rows = if texts.bad_rows == 1 {
                "row was"
            } else {
                "rows were"
            };
            warnings.push(format!(
                "{what}: {} bad {rows} left out, as `on_bad_row` allows; run with `on_bad_row = \"error\"` to see the first",
                texts.bad_rows
            ));
        }
        if texts.unlocated > 0 {
            warnings.push(format!(
                "{what}: the words of {} texts are not in their running text, so joined words take its place",
                texts.unlocated
            ));
        }
    }
    for (task, draws) in &report.sampler {
        if draws.repeats > REPEATS {
            warnings.push(format!(
                "task `{task}`: each of its {} examples is drawn {:.1} times an epoch and will be learned by heart; lower its weight or choose another `sampler.strategy`",
                draws.available, draws.repeats
            ));
        }
    }
    let findings = report.findings.iter();
    let found = findings.filter(|finding| finding.severity == Severity::Warning);
    warnings.extend(found.map(|finding| finding.message.clone()));
    warnings
}

fn rare_labels(targets: &Targets, warnings: &mut Vec<String>) {
    let rare: Vec<String> = targets
        .labels
        .iter()
        .filter(|(_, count)| *count < FEW)
        .map(|(label, count)| format!("{label} ({count})"))
        .collect();
    if !rare.is_empty() {
        let shown = rare[..rare.len().min(5)].join(", ");
        let more = if rare.len() > 5 { ", …" } else { "" };
        warnings.push(format!(
            "task `{}`, data set `{}`: {} {} fewer than {FEW} times in training: {shown}{more}",
            targets.task,
            targets.dataset,
            rare.len(),
            if rare.len() == 1 {
                "label occurs"
            } else {
                "labels occur"
            },
        ));
    }
}

fn one_label(targets: &Targets, warnings: &mut Vec<String>) {
    let total: usize = targets.labels.iter().map(|(_, count)| count).sum();
    if let Some((label, count)) = targets
        .labels
        .first()
        .filter(|(_, count)| *count as f64 > MOST * total as f64)
    {
        warnings.push(format!(
            "task `{}`, data set `{}`: `{label}` makes {} of the training labels; look at other metrics than accuracy",
            targets.task,
            targets.dataset,
            percent(*count, total)
        ));
    }
}
