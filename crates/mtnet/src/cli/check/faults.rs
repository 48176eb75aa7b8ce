//! The data looked through for faults, by the checks of `mtnet-data`.

use std::collections::BTreeMap;

use mtnet::core::TargetKind;
use mtnet::data::{Finding, QualitySplit, find_faults};
use mtnet::heads::HeadRegistry;
use mtnet::train::run_file::RunFile;
use mtnet::train::trainer::Prepared;

/// The faults of all splits, in the order of the run file.
pub fn find(run: &RunFile, prepared: &Prepared) -> Vec<Finding> {
    let registry = HeadRegistry::default();
    let tasks: BTreeMap<_, TargetKind> = run
        .config
        .task
        .iter()
        // A prepared run has no head that is not known.
        .filter_map(|task| Some((task.name.clone(), registry.target_kind(&task.head).ok()?)))
        .collect();
    let mut splits = Vec::new();
    for dataset in &run.config.dataset {
        let summaries = prepared.summaries.iter();
        for summary in summaries.filter(|summary| summary.dataset == dataset.name.as_str()) {
            splits.push(QualitySplit {
                dataset: &summary.dataset,
                format: dataset.format,
                split: summary.split,
                data: &summary.data,
            });
        }
    }
    find_faults(&splits, &tasks)
}
