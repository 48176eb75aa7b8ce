//! Counts of what was read.

use mtnet::core::Split;
use mtnet::data::{LengthStats, TargetStats, overlap};
use mtnet::train::run_file::RunFile;
use mtnet::train::trainer::{Prepared, SplitSummary};

use super::report::{Overlap, Targets, Texts};

/// Targets of every task in every split of its data sets, in the order of the run file.
pub fn targets(run: &RunFile, prepared: &Prepared) -> Vec<Targets> {
    let mut all = Vec::new();
    for task in &run.config.task {
        for dataset in task.dataset.as_slice() {
            let of_dataset = |summary: &&SplitSummary| summary.dataset == dataset.as_str();
            for summary in prepared.summaries.iter().filter(of_dataset) {
                let stats = TargetStats::of(&summary.data.examples, &task.name);
                let mut labels: Vec<(String, usize)> = stats.labels.into_iter().collect();
                // Equally frequent labels stay in the order of their names.
                labels.sort_by_key(|&(_, count)| std::cmp::Reverse(count));
                all.push(Targets {
                    task: task.name.clone(),
                    dataset: summary.dataset.clone(),
                    split: summary.split,
                    labelled: stats.labelled,
                    missing: stats.missing,
                    labels,
                    numbers: stats.numbers,
                });
            }
        }
    }
    all
}

/// Lengths, windows and losses of every split, in the order of the run file.
pub fn texts(run: &RunFile, prepared: &Prepared) -> Vec<Texts> {
    let tokenizer = &prepared.folder.tokenizer;
    let unknown = ["[UNK]", "<unk>"]
        .iter()
        .find_map(|token| tokenizer.id(token));
    let of = |summary: &SplitSummary| {
        let examples = summary.data.examples.len();
        let range = summary.first_example..summary.first_example + examples;
        let texts = &prepared.corpus(summary.split).texts()[range];
        let lengths = texts.iter().map(|text| {
            text.windows
                .iter()
                .map(|window| window.input_ids.len())
                .sum()
        });
        Texts {
            dataset: summary.dataset.clone(),
            split: summary.split,
            examples,
            empty: summary.report().empty_texts,
            unlocated: summary.report().unlocated,
            tokens: LengthStats::of(lengths),
            windowed: texts.iter().filter(|text| text.windows.len() > 1).count(),
            truncated: texts.iter().filter(|text| text.dropped_tokens > 0).count(),
            unknown_tokens: unknown.map_or(0, |unknown| {
                let ids = texts.iter().flat_map(|text| &text.windows);
                ids.flat_map(|window| &window.input_ids)
                    .filter(|&&id| id == unknown)
                    .count()
            }),
            bad_rows: summary.report().bad_rows,
        }
    };
    let datasets = run.config.dataset.iter();
    let summaries = datasets.flat_map(|dataset| {
        prepared
            .summaries
            .iter()
            .filter(|summary| summary.dataset == dataset.name.as_str())
    });
    summaries.map(of).collect()
}

/// Shared texts of every two splits of a data set.
pub fn overlaps(prepared: &Prepared) -> Vec<Overlap> {
    let mut all = Vec::new();
    for (of, with) in [
        (Split::Train, Split::Dev),
        (Split::Train, Split::Test),
        (Split::Dev, Split::Test),
    ] {
        for first in prepared
            .summaries
            .iter()
            .filter(|summary| summary.split == of)
        {
            let partner =
                |summary: &&SplitSummary| summary.split == with && summary.dataset == first.dataset;
            if let Some(second) = prepared.summaries.iter().find(partner) {
                all.push(Overlap {
                    dataset: first.dataset.clone(),
                    of,
                    with,
                    shared: overlap(&first.data.examples, &second.data.examples),
                    examples: second.data.examples.len(),
                });
            }
        }
    }
    all.sort_by(|a, b| a.dataset.cmp(&b.dataset));
    all
}
