//! Models for groups of tasks, where the affinity of the tasks says so.

use mtnet_core::{Split, TaskName};
use mtnet_heads::HeadRegistry;
use mtnet_train::trainer::{AffinityOptions, AffinityReport, Quiet, epoch_plan, measure_affinity};

use super::Proposal;
use super::candidate::Candidate;
use super::evidence::LosingTask;
use crate::answers::{read, write_json};
use crate::comparison::Comparison;
use crate::part::{Part, made};
use crate::systems::System;
use crate::{CompareError, CompareEvent, budget};

/// Steps to measure for, at most.
const STEPS: u64 = 200;
/// Measurements.
const LOOKS: u64 = 20;

/// The proposal, where other tasks raise the loss of one that loses and a grouping apart is worth
/// more. Of two tasks, the groups would be the single-task models.
pub(super) fn propose(
    comparison: &mut Comparison<'_>,
    single: &System,
    losing: &[LosingTask<'_>],
    listener: &mut dyn FnMut(&CompareEvent),
) -> Result<Option<Candidate>, CompareError> {
    if comparison.run.config.task.len() < 3 {
        return Ok(None);
    }
    let affinity = measured(comparison, listener)?;
    let groups = &affinity.proposal.groups;
    if groups.len() < 2 || groups.iter().all(|group| group.len() == 1) {
        return Ok(None);
    }
    let mut support: f64 = 0.0;
    let mut evidence = Vec::new();
    for task in losing {
        let Some(column) = affinity.tasks.iter().position(|name| name == task.name()) else {
            continue;
        };
        let others: Vec<(&TaskName, f64)> = affinity
            .tasks
            .iter()
            .zip(&affinity.affinity)
            .filter(|(name, _)| *name != task.name())
            .filter_map(|(name, row)| Some((name, row[column]?)))
            .collect();
        let harm = others.iter().filter(|(_, value)| *value < 0.0).count();
        let share = harm as f64 / others.len().max(1) as f64;
        let worst = others.iter().min_by(|a, b| a.1.total_cmp(&b.1));
        if let Some((other, value)) = worst.filter(|(_, value)| *value < 0.0) {
            support = support.max(share);
            evidence.push(format!(
                "Steps for {harm} of {} other tasks raised the loss of `{}`; a step for `{other}` \
                 by {:.2} %.",
                others.len(),
                task.name(),
                -100.0 * value
            ));
        }
    }
    if evidence.is_empty() {
        return Ok(None);
    }
    let together = affinity.groupings.first().map_or(0.0, |all| all.gain);
    evidence.push(format!(
        "The grouping is worth {:+.2} % of the losses a measurement, all tasks together {:+.2} %.",
        100.0 * affinity.proposal.gain,
        100.0 * together
    ));
    let names = |group: &Vec<TaskName>| {
        let names: Vec<&str> = group.iter().map(TaskName::as_str).collect();
        format!("[{}]", names.join(", "))
    };
    let written: Vec<String> = groups.iter().map(names).collect();
    let parts = groups.iter().map(|group| part(comparison, single, group));
    let parts = parts.collect::<Result<Vec<_>, CompareError>>()?;
    let proposal = Proposal {
        name: "split".to_owned(),
        changes: vec![format!("a run for each of {}", written.join(" "))],
        evidence,
        support,
        files: Vec::new(),
    };
    let system = System {
        name: proposal.name.clone(),
        about: format!("a model for each of the groups {}", written.join(" ")),
        parts,
    };
    Ok(Some(Candidate { proposal, system }))
}

/// A group's run; a task alone has its single-task run.
fn part(
    comparison: &Comparison<'_>,
    single: &System,
    group: &[TaskName],
) -> Result<Part, CompareError> {
    if let Some(alone) = single.parts.iter().find(|part| part.tasks == group) {
        return Ok(alone.clone());
    }
    let mut part = Part::of(comparison.run, group)?;
    let selects = part.run.config.train.metric_for_best_model.clone();
    part.run.config.train = mtnet_train::run_file::TrainConfig {
        metric_for_best_model: selects,
        ..budget::of_group(comparison.run, comparison.prepared, group)
    };
    part.run = made(part.run.config, part.run.base)?;
    Ok(part)
}

/// The affinity of the tasks in the run of the first seed, measured once.
fn measured(
    comparison: &mut Comparison<'_>,
    listener: &mut dyn FnMut(&CompareEvent),
) -> Result<AffinityReport, CompareError> {
    let run = Part::whole(comparison.run).with_seed(comparison.seeds[0]);
    let hash = comparison.hashes.of_run(&run)?;
    let path = comparison
        .options
        .output
        .join(format!("advice/affinity-{hash}.json"));
    if let Some(known) = read(&path)? {
        return Ok(known);
    }
    listener(&CompareEvent::Stage("measuring affinity".to_owned()));
    let (_, total) = epoch_plan(&run, comparison.prepared.corpus(Split::Train));
    let steps = total.min(STEPS);
    let options = AffinityOptions {
        steps: Some(steps),
        every: (steps / LOOKS).max(1),
    };
    let found = measure_affinity(&run, options, &HeadRegistry::default(), &mut Quiet)?;
    write_json(&path, &found)?;
    Ok(found)
}
