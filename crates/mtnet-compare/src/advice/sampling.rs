//! A larger share of an epoch, for tasks that had not learned all they could.

use std::collections::BTreeMap;

use mtnet_core::{Split, TaskName};
use mtnet_data::{SamplerConfig, Strategy, sampling_groups};
use mtnet_train::trainer::epoch_plan;

use super::Proposal;
use super::candidate::Candidate;
use super::evidence::{Finished, LosingTask};
use crate::CompareError;
use crate::budget::epochs;
use crate::comparison::Comparison;

/// Passes over a task's examples below which they were seen few times.
const FEW: f64 = 2.0;
/// What the share of such a task is multiplied by.
const LARGER: f64 = 2.0;

/// The proposal, where some task that loses was still improving or saw its examples few times, and
/// tasks can be drawn apart.
pub(super) fn propose(
    comparison: &Comparison<'_>,
    multi: &[Vec<Finished>],
    losing: &[LosingTask<'_>],
) -> Result<Option<Candidate>, CompareError> {
    let (run, prepared) = (comparison.run, comparison.prepared);
    let corpus = prepared.corpus(Split::Train);
    let groups = sampling_groups(corpus.targets());
    let mut evidence = Vec::new();
    let mut support: f64 = 0.0;
    let mut hungry: Vec<&TaskName> = Vec::new();
    for task in losing {
        let (improving, seeds) = still_improving(multi, task)?;
        let share = improving as f64 / seeds.max(1) as f64;
        let seen = epochs(run, prepared, task.name());
        if share < 0.5 && seen >= FEW {
            continue;
        }
        hungry.push(task.name());
        support = support.max(share.max(0.5));
        evidence.push(format!(
            "`{}` had its best development score at the last evaluation in {improving} of {seeds} \
             seeds, and saw each example {seen:.1} times.",
            task.name()
        ));
    }
    let is_hungry =
        |tasks: &BTreeMap<TaskName, usize>| tasks.keys().any(|task| hungry.contains(&task));
    let larger = groups
        .iter()
        .filter(|group| is_hungry(&group.tasks))
        .count();
    if larger == 0 || larger == groups.len() {
        return Ok(None);
    }
    let (plan, _) = epoch_plan(run, corpus);
    let order = plan.order(0);
    let mut weights = BTreeMap::new();
    for group in &groups {
        let drawn = order
            .iter()
            .filter(|example| group.examples.binary_search(example).is_ok())
            .count()
            .max(1) as f64;
        let factor = if is_hungry(&group.tasks) { LARGER } else { 1.0 };
        for task in group.tasks.keys() {
            weights.insert(task.clone(), drawn * factor);
        }
    }
    let names: Vec<String> = hungry.iter().map(|task| format!("`{task}`")).collect();
    let proposal = Proposal {
        name: "larger share".to_owned(),
        changes: vec![format!(
            "sampler.strategy = \"weights\" with {LARGER:.0} times the weight for {}",
            names.join(", ")
        )],
        evidence,
        support,
        files: Vec::new(),
    };
    let examples_per_epoch = run.config.sampler.examples_per_epoch;
    let candidate = Candidate::of_run(run, proposal, |config| {
        config.sampler = SamplerConfig {
            strategy: Strategy::Weights,
            weights,
            examples_per_epoch,
            ..SamplerConfig::default()
        };
    })?;
    Ok(Some(candidate))
}

/// In how many seeds the last of several development scores was the best, and of how many.
fn still_improving(
    multi: &[Vec<Finished>],
    task: &LosingTask<'_>,
) -> Result<(usize, usize), CompareError> {
    let (mut improving, mut seeds) = (0, 0);
    for run in multi.iter().flatten() {
        let curve = run.curve(task.report)?;
        let sign = if task.report.higher_is_better {
            1.0
        } else {
            -1.0
        };
        let Some((last, earlier)) = curve.split_last().filter(|(_, rest)| !rest.is_empty()) else {
            continue;
        };
        seeds += 1;
        improving += usize::from(earlier.iter().all(|score| sign * last > sign * score));
    }
    Ok((improving, seeds))
}
