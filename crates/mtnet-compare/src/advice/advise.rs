//! From a finished comparison to proposals, and to their trial where one is wanted.

use super::candidate::Candidate;
use super::evidence::{Finished, LosingTask, losing};
use super::trial::try_proposals;
use super::{Advice, Losing, balancing, distillation, sampling, split};
use crate::comparison::Comparison;
use crate::report::CompareReport;
use crate::sentence::interval;
use crate::systems::{MULTI, SINGLE, System};
use crate::trained::Trained;
use crate::{CompareError, CompareEvent};

/// Proposes what the evidence supports, and writes it as run files; tries it where the options say
/// so, which adds the tried systems to `trained`.
///
/// # Errors
/// If a file of a finished run cannot be read, or a proposal cannot be trained.
pub(crate) fn advise(
    comparison: &mut Comparison<'_>,
    systems: &[System],
    trained: &mut Vec<Trained>,
    report: &CompareReport,
    listener: &mut dyn FnMut(&CompareEvent),
) -> Result<Advice, CompareError> {
    let losing = losing(report);
    let told = losing.iter().map(|task| Losing {
        task: task.name().clone(),
        gain: task.gain,
        sentence: format!(
            "{} loses by sharing: {}.",
            task.name(),
            interval(&task.gain, task.report.unit)
        ),
    });
    let mut advice = Advice {
        losing: told.collect(),
        proposals: Vec::new(),
        trial: None,
        sentence: "No task loses by sharing, so nothing is proposed.".to_owned(),
    };
    if losing.is_empty() {
        return Ok(advice);
    }
    let mut candidates = proposals(comparison, systems, trained, &losing, listener)?;
    for candidate in &mut candidates {
        candidate.write(comparison)?;
    }
    advice.proposals = candidates
        .iter()
        .map(|candidate| candidate.proposal.clone())
        .collect();
    advice.sentence = match candidates.len() {
        0 => "No proposal: the finished runs hold no evidence for any.".to_owned(),
        1 => "1 proposal, in advice/.".to_owned(),
        count => format!("{count} proposals, in advice/."),
    };
    if let Some(options) = comparison.options.trial
        && !candidates.is_empty()
    {
        let trial = try_proposals(comparison, candidates, trained, (report, options), listener)?;
        advice.trial = Some(trial);
    }
    Ok(advice)
}

/// All proposals, the best supported first.
fn proposals(
    comparison: &mut Comparison<'_>,
    systems: &[System],
    trained: &[Trained],
    losing: &[LosingTask<'_>],
    listener: &mut dyn FnMut(&CompareEvent),
) -> Result<Vec<Candidate>, CompareError> {
    let find = |name: &str| {
        let system = trained.iter().find(|system| system.name == name);
        system.expect("these systems are always trained")
    };
    let (multi, single) = (find(MULTI), find(SINGLE));
    let (multi_runs, single_runs) = (Finished::of(multi)?, Finished::of(single)?);
    let mut all = Vec::new();
    let runs = (&*multi_runs, &*single_runs);
    all.extend(distillation::propose(comparison, single, runs, losing)?);
    let alone = systems.iter().find(|system| system.name == SINGLE);
    let alone = alone.expect("single-task models are always compared");
    all.extend(split::propose(comparison, alone, losing, listener)?);
    all.extend(balancing::propose(comparison.run, &multi_runs, losing)?);
    all.extend(sampling::propose(comparison, &multi_runs, losing)?);
    // Stable: of equal support, the order above holds.
    all.sort_by(|a, b| b.proposal.support.total_cmp(&a.proposal.support));
    Ok(all)
}
