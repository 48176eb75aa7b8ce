//! How much a step for one task helps another: measured while training goes on as usual.
//!
//! Fifty et al., NeurIPS 2021, §3.1 (<https://arxiv.org/abs/2109.04617>): from the same weights,
//! `Z(i → j) = 1 − L_j(θ − Δ_i) / L_j(θ)`, where `Δ_i` is a step on the shared parameters along
//! the gradient of task `i` alone, averaged over batches. Here the step is plain, taken without
//! dropout, and as long as would lower the task's own loss by one per cent if losses were linear
//! (the authors take the step of their optimizer): affinities of tasks with gradients of different
//! sizes can then be compared, and small ones are not lost in curvature.

use mtnet_balance::{Affinity, Grouping};
use mtnet_core::{PackedBatch, Split, TaskName};
use mtnet_data::Loader;
use mtnet_heads::HeadRegistry;
use serde::{Deserialize, Serialize};

use super::backward::{Lookahead, Looks};
use super::job::epoch_plan;
use super::session::Session;
use super::state::TrainerState;
use super::{Prepared, Progress, TrainError};
use crate::events::PairGradientStats;
use crate::run_file::RunFile;

/// How long and how often to measure.
#[derive(Clone, Copy, Debug)]
pub struct AffinityOptions {
    /// Optimizer steps; those of the run where not given.
    pub steps: Option<u64>,
    /// Steps from one measurement to the next.
    pub every: u64,
}

/// What was measured, and what follows.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AffinityReport {
    /// The tasks in the order of the run file; rows and columns of the matrix.
    pub tasks: Vec<TaskName>,
    /// `Z(i → j)`: how much of the loss of task `j` (column) a step for task `i` (row) takes away.
    pub affinity: Vec<Vec<Option<f64>>>,
    /// Cosines of the tasks' gradients of the shared parameters.
    pub cosines: Vec<PairGradientStats>,
    /// Batches that were measured on.
    pub measurements: u64,
    /// The best grouping for each number of groups, by the names of the tasks.
    pub groupings: Vec<NamedGrouping>,
    /// The best of all: the tasks to train together.
    pub proposal: NamedGrouping,
}

/// Groups of tasks by name.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct NamedGrouping {
    /// The groups.
    pub groups: Vec<Vec<TaskName>>,
    /// Sum over tasks of the mean affinity of the others of its group onto it.
    pub gain: f64,
}

/// Trains as the run file says, without leaving a trace on disk, and measures on the way.
///
/// # Errors
/// As [`train`](super::train); and if the run has fewer than two tasks.
pub fn measure_affinity(
    run: &RunFile,
    options: AffinityOptions,
    registry: &HeadRegistry,
    progress: &mut (dyn Progress + Send),
) -> Result<AffinityReport, TrainError> {
    let prepared = Prepared::new(run, registry, progress)?;
    let tasks: Vec<TaskName> = run
        .config
        .task
        .iter()
        .map(|task| task.name.clone())
        .collect();
    if tasks.len() < 2 {
        return Err(TrainError::OneTask);
    }
    let (plan, total) = epoch_plan(run, prepared.corpus(Split::Train));
    let total = options.steps.unwrap_or(total).min(total);
    let mut session = Session::new(run, &prepared.folder, total)?;
    let mut looks = Looks::new(tasks.clone());
    let parts = run.config.train.gradient_accumulation_steps.max(1);
    progress.stage("measuring while training");
    let begun = std::time::Instant::now();
    let mut part = 0;
    let loader = Loader::start(plan, TrainerState::default().position, 4)?;
    for loaded in loader {
        if session.steps() >= total {
            break;
        }
        if part == 0 && session.steps().is_multiple_of(options.every.max(1)) {
            measure(&session, &loaded.batch, &mut looks)?;
        }
        session.add(&loaded.batch, loaded.position.epoch, part, parts)?;
        part = (part + 1) % parts;
        if part == 0 {
            session.step()?;
            let step = session.steps();
            if step.is_multiple_of(run.config.train.logging_steps.max(1)) || step == total {
                let seconds = begun.elapsed().as_secs_f64();
                let event = session.report(loaded.position.epoch as f64, seconds);
                progress.step(&event, total);
            }
        }
    }
    Ok(report(tasks, &looks))
}

fn measure(
    session: &Session<'_>,
    batch: &PackedBatch,
    looks: &mut Looks,
) -> Result<(), TrainError> {
    let lookahead = Lookahead::new(&session.folder.model, session.backward.layouts());
    lookahead.measure(batch, looks)
}

fn report(tasks: Vec<TaskName>, looks: &Looks) -> AffinityReport {
    let named = |grouping: Grouping| NamedGrouping {
        groups: grouping
            .groups
            .iter()
            .map(|group| group.iter().map(|&task| tasks[task].clone()).collect())
            .collect(),
        gain: grouping.gain,
    };
    let values = looks.affinity();
    let affinity = Affinity::new(tasks.len(), values.clone());
    let summary = looks.summary().unwrap_or_default();
    AffinityReport {
        affinity: values.chunks(tasks.len()).map(<[_]>::to_vec).collect(),
        cosines: summary.pairs,
        measurements: summary.samples,
        groupings: affinity.groupings().into_iter().map(named).collect(),
        proposal: affinity
            .best_grouping()
            .map_or_else(NamedGrouping::default, named),
        tasks,
    }
}

impl Default for NamedGrouping {
    fn default() -> Self {
        Self {
            groups: Vec::new(),
            gain: 0.0,
        }
    }
}
