//! A report for a reader.

use comfy_table::{CellAlignment, Table, presets};
use mtnet::data::{NumberStats, Severity};

use super::report::{Report, Targets};
use crate::cli::format::{bytes, grouped, percent};

/// Labels shown in a row.
const SHOWN: usize = 3;

/// The whole report.
pub fn text(report: &Report) -> String {
    let mut parts = vec![
        section("Targets", &targets(report)),
        section("Texts, in tokens", &texts(report)),
        section("An epoch under the sampler", &sampler(report)),
    ];
    if !report.overlaps.is_empty() {
        parts.push(section("Texts in two splits", &overlaps(report)));
    }
    parts.push(model(report));
    parts.push(match report.warnings.as_slice() {
        [] => "No warnings.".to_owned(),
        warnings => format!("Warnings:\n- {}", warnings.join("\n- ")),
    });
    let notes: Vec<&str> = report
        .findings
        .iter()
        .filter(|finding| finding.severity == Severity::Note)
        .map(|finding| finding.message.as_str())
        .collect();
    if !notes.is_empty() {
        parts.push(format!("Notes:\n- {}", notes.join("\n- ")));
    }
    parts.join("\n\n")
}

fn section(title: &str, table: &Table) -> String {
    format!("{title}\n{table}")
}

fn table(header: &[&str], numbers_from: usize, numbers: usize) -> Table {
    let mut table = Table::new();
    table.load_style(presets::ASCII_MARKDOWN).set_header(header);
    for column in table.column_iter_mut().skip(numbers_from).take(numbers) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    table
}

fn targets(report: &Report) -> Table {
    let mut table = table(
        &[
            "task",
            "data set",
            "split",
            "labelled",
            "missing",
            "labels",
            "most frequent",
        ],
        3,
        3,
    );
    for targets in &report.targets {
        let labels = if targets.numbers.is_empty() {
            targets.labels.len().to_string()
        } else {
            "–".to_owned()
        };
        table.add_row([
            targets.task.to_string(),
            targets.dataset.clone(),
            targets.split.to_string(),
            grouped(targets.labelled as u64),
            grouped(targets.missing as u64),
            labels,
            distribution(targets),
        ]);
    }
    table
}

/// The most frequent labels with their shares, or the range of numbers.
fn distribution(targets: &Targets) -> String {
    let number = |stats: &NumberStats| {
        format!(
            "{:.4} to {:.4}, mean {:.4} ± {:.4}",
            stats.min, stats.max, stats.mean, stats.deviation
        )
    };
    if !targets.numbers.is_empty() {
        return targets
            .numbers
            .iter()
            .map(number)
            .collect::<Vec<_>>()
            .join("; ");
    }
    let total = targets.labels.iter().map(|(_, count)| count).sum();
    let shown = targets.labels.iter().take(SHOWN);
    let shown: Vec<String> = shown
        .map(|(label, count)| format!("{label} {}", percent(*count, total)))
        .collect();
    let more = if targets.labels.len() > SHOWN {
        ", …"
    } else {
        ""
    };
    format!("{}{more}", shown.join(", "))
}

fn texts(report: &Report) -> Table {
    let header = [
        "data set",
        "split",
        "examples",
        "median",
        "90 %",
        "99 %",
        "longest",
        "in windows",
        "truncated",
    ];
    let mut table = table(&header, 2, 7);
    for texts in &report.texts {
        let tokens = &texts.tokens;
        let mut row = vec![
            texts.dataset.clone(),
            texts.split.to_string(),
            grouped(texts.examples as u64),
        ];
        row.extend(
            [tokens.median, tokens.p90, tokens.p99, tokens.max].map(|length| length.to_string()),
        );
        row.extend([texts.windowed, texts.truncated].map(|count| percent(count, texts.examples)));
        table.add_row(row);
    }
    table
}

fn sampler(report: &Report) -> Table {
    let mut table = table(&["task", "examples", "drawn", "times each"], 1, 3);
    for (task, draws) in &report.sampler {
        table.add_row([
            task.to_string(),
            grouped(draws.available as u64),
            grouped(draws.drawn.round() as u64),
            format!("{:.2}", draws.repeats),
        ]);
    }
    table
}

fn overlaps(report: &Report) -> Table {
    let mut table = table(&["data set", "splits", "shared", "share"], 2, 2);
    for overlap in &report.overlaps {
        table.add_row([
            overlap.dataset.clone(),
            format!("{} and {}", overlap.of, overlap.with),
            grouped(overlap.shared as u64),
            percent(overlap.shared, overlap.examples),
        ]);
    }
    table
}

fn model(report: &Report) -> String {
    let (model, memory, schedule) = (&report.model, &report.memory, &report.schedule);
    let vectors = match model.word_vectors {
        0 => String::new(),
        covered => format!(", {} of them with a word vector", grouped(covered as u64)),
    };
    format!(
        "{} parameters ({} trained), {} tokens in the vocabulary{vectors}, up to {} tokens a text\n\
         {} batches an epoch, {} steps in all\n\
         about {} of memory: weights {}, gradients and moments {}, a batch of {} tokens {}, a checkpoint {}",
        grouped(model.parameters as u64),
        grouped(model.trained as u64),
        grouped(model.vocab_size as u64),
        model.max_length,
        grouped(schedule.batches_per_epoch as u64),
        grouped(schedule.steps),
        bytes(memory.total()),
        bytes(memory.weights),
        bytes(memory.optimizer),
        grouped(memory.batch_tokens as u64),
        bytes(memory.activations),
        bytes(memory.checkpoint),
    )
}
