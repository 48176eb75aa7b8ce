//! What the finished runs of a comparison say: results and curves of each seed.

use std::path::PathBuf;

use mtnet_core::{Split, TaskName};
use mtnet_metrics::{Estimate, Unit};
use mtnet_train::events::{BalanceSummary, Event, read_events};
use mtnet_train::trainer::{RunResults, TrainError};

use crate::answers::read;
use crate::report::CompareReport;
use crate::systems::MULTI;
use crate::trained::Trained;
use crate::{CompareError, TaskReport, Verdict};

/// Points that a task may lose on the mean before it counts as one that loses.
const POINTS: f64 = 0.005;

/// A task that loses, with its report.
pub(super) struct LosingTask<'a> {
    pub report: &'a TaskReport,
    pub gain: Estimate,
}

impl LosingTask<'_> {
    pub fn name(&self) -> &TaskName {
        &self.report.task
    }
}

/// The tasks that lose by sharing.
pub(super) fn losing(report: &CompareReport) -> Vec<LosingTask<'_>> {
    let tasks = report.tasks.iter();
    tasks
        .filter_map(|task| {
            let gain = task.of(MULTI)?.gain?;
            let in_points = matches!(task.unit, Unit::Fraction | Unit::Coefficient);
            let loses = Verdict::of(&gain) == Verdict::Lost || (in_points && gain.value < -POINTS);
            loses.then_some(LosingTask { report: task, gain })
        })
        .collect()
}

/// What the run of one seed and part left.
pub(super) struct Finished {
    pub results: RunResults,
    folder: PathBuf,
}

impl Finished {
    /// The runs of a system, by seed and part.
    pub fn of(system: &Trained) -> Result<Vec<Vec<Self>>, CompareError> {
        let of_folder = |folder: &PathBuf| {
            let path = folder.join("results.json");
            let results = read(&path)?.ok_or_else(|| CompareError::OtherAnswers {
                path: folder.clone(),
                problem: "there is no results.json".to_owned(),
            })?;
            Ok(Self {
                results,
                folder: folder.clone(),
            })
        };
        let seeds = system.folders.iter();
        seeds
            .map(|parts| parts.iter().map(of_folder).collect())
            .collect()
    }

    /// The development score of the weights that were selected.
    pub fn dev(&self, task: &TaskReport) -> Option<f64> {
        let metrics = self.results.dev.get(&task.task)?;
        metrics
            .get(&task.metric)
            .copied()
            .filter(|score| score.is_finite())
    }

    pub fn gradients(&self) -> Option<&BalanceSummary> {
        self.results.balance.as_ref()
    }

    /// The development scores of a task, evaluation by evaluation.
    pub fn curve(&self, task: &TaskReport) -> Result<Vec<f64>, CompareError> {
        let path = self.folder.join("metrics.jsonl");
        let events = read_events(&path).map_err(TrainError::from)?;
        let scores = events.into_iter().filter_map(|event| match event {
            Event::Evaluation(event) if event.split == Split::Dev => {
                let metrics = event.metrics.get(&task.task)?;
                metrics.get(&task.metric).copied()
            }
            _ => None,
        });
        Ok(scores.collect())
    }
}

/// The development score of a task under a system of one seed.
pub(super) fn dev_of(parts: &[Finished], task: &TaskReport) -> Option<f64> {
    parts.iter().find_map(|part| part.dev(task))
}

/// How much better `ours` is than `theirs`.
pub(super) fn gain(task: &TaskReport, ours: f64, theirs: f64) -> f64 {
    match task.higher_is_better {
        true => ours - theirs,
        false => theirs - ours,
    }
}
