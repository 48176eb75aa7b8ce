//! What the run took, and what it was made with.

use super::pieces::{Cell, folded, number, table};
use crate::format::{duration, grouped};
use crate::markup::{Markup, tag};
use crate::read::RunRecord;

/// Times, sizes, machine and run file.
pub fn section(run: &RunRecord) -> Markup {
    let mut rows: Vec<(&str, String)> = Vec::new();
    if let Some(seconds) = run.seconds() {
        rows.push(("time", duration(seconds)));
    }
    let evaluating: f64 = run
        .evaluations
        .iter()
        .map(|e| e.seconds)
        .filter(|s| s.is_finite())
        .sum();
    if evaluating > 0.0 {
        rows.push(("of it for evaluations", duration(evaluating)));
    }
    if run.steps_done() > 0 {
        rows.push(("optimizer steps", grouped(run.steps_done())));
    }
    if let Some(speed) = speed(run) {
        rows.push(("tokens a second of training", grouped(speed as u64)));
    }
    let trained = run
        .results
        .as_ref()
        .map(|results| results.trained_parameters);
    let trained = trained.or_else(|| run.start.as_ref().map(|start| start.trained_parameters));
    if let Some(trained) = trained {
        rows.push(("trained parameters", grouped(trained)));
    }
    if let Some(info) = &run.info {
        rows.push(("parameters in all", grouped(info.parameters)));
        rows.push(("tokens of the vocabulary", grouped(info.vocab_size as u64)));
        rows.push((
            "machine",
            format!(
                "{}, {}, {} threads, {}",
                info.platform, info.isa, info.threads, info.device
            ),
        ));
        rows.push(("MT-Net", info.mtnet_version.clone()));
    }
    if rows.is_empty() && run.settings.is_none() {
        return Markup::new();
    }
    let rows = rows
        .into_iter()
        .map(|(name, value)| vec![Cell::from(name), number(value)]);
    let mut section = table(&["what", "how much"], 1, rows.collect());
    if let Some(info) = run.info.as_ref().filter(|info| !info.data.is_empty()) {
        let rows = info
            .data
            .iter()
            .map(|(path, hash)| vec![Cell::Text(file_name(path)), Cell::Text(hash.clone())]);
        section.push(folded(
            "Data files and their SHA-256",
            table(&["file", "SHA-256"], 2, rows.collect()),
        ));
    }
    if let Some(settings) = &run.settings {
        section.push(folded(
            "Run file with every default filled in",
            tag("pre", &[], settings.text()),
        ));
    }
    section
}

/// Tokens a second: that of the results, else the median of the log.
pub fn speed(run: &RunRecord) -> Option<f64> {
    if let Some(results) = run
        .results
        .as_ref()
        .filter(|results| results.tokens_per_second > 0.0)
    {
        return Some(results.tokens_per_second);
    }
    let mut speeds: Vec<f64> = run
        .steps
        .iter()
        .map(|step| step.tokens_per_second)
        .filter(|s| s.is_finite())
        .collect();
    speeds.sort_by(f64::total_cmp);
    speeds.get(speeds.len() / 2).copied()
}

/// The last two parts of a path, which tell a data file apart without telling whose machine it was.
fn file_name(path: &str) -> String {
    let mut parts: Vec<&str> = path.rsplit(['/', '\\']).take(2).collect();
    parts.reverse();
    parts.join("/")
}
