//! Distillation of the single-task models, where they are better on the development data.

use super::Proposal;
use super::candidate::Candidate;
use super::evidence::{Finished, LosingTask, dev_of, gain};
use crate::CompareError;
use crate::comparison::Comparison;
use crate::sentence::shown;
use crate::systems::{DISTILLED, distilled};
use crate::trained::Trained;

/// The proposal, where at least half of the seeds speak for it.
pub(super) fn propose(
    comparison: &Comparison<'_>,
    single: &Trained,
    (multi_runs, single_runs): (&[Vec<Finished>], &[Vec<Finished>]),
    losing: &[LosingTask<'_>],
) -> Result<Option<Candidate>, CompareError> {
    let mut evidence = Vec::new();
    let mut support: f64 = 0.0;
    for task in losing {
        let report = task.report;
        let pairs = multi_runs.iter().zip(single_runs);
        let gains: Vec<f64> = pairs
            .filter_map(|(multi, single)| {
                Some(gain(
                    report,
                    dev_of(single, report)?,
                    dev_of(multi, report)?,
                ))
            })
            .collect();
        let better = gains.iter().filter(|gain| **gain > 0.0).count();
        let share = better as f64 / gains.len().max(1) as f64;
        if share >= 0.5 {
            support = support.max(share);
            let mean = gains.iter().sum::<f64>() / gains.len() as f64;
            evidence.push(format!(
                "On development data the single-task model of `{}` was better in {better} of {} \
                 seeds, by {:+.2} on the mean of {}.",
                task.name(),
                gains.len(),
                shown(mean, report.unit),
                report.metric
            ));
        }
    }
    if evidence.is_empty() {
        return Ok(None);
    }
    let system = distilled(comparison.run, single, &comparison.seeds)?;
    let settings = system.parts[0].run.config.distillation();
    let how = match (settings.annealing, settings.weight) {
        (Some(_), _) => "distillation.annealing = \"teacher\"".to_owned(),
        (None, weight) => format!("distillation.weight = {}", weight.unwrap_or(0.5)),
    };
    let proposal = Proposal {
        name: DISTILLED.to_owned(),
        changes: vec![
            "task.*.teacher = the single-task model of the task".to_owned(),
            how,
            format!("distillation.temperature = {}", settings.temperature),
        ],
        evidence,
        support,
        files: Vec::new(),
    };
    Ok(Some(Candidate { proposal, system }))
}
