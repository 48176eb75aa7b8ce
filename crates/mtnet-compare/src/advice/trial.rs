//! Proposals trained over the seeds of the comparison: chosen on the development data, reported on
//! the test data.

use mtnet_metrics::Estimate;

use super::candidate::Candidate;
use super::deadline::Deadline;
use super::evidence::{Finished, dev_of, gain};
use super::words::outcome;
use super::{LeftOut, Trial, Tried};
use crate::assemble::delta_m;
use crate::comparison::Comparison;
use crate::report::CompareReport;
use crate::systems::MULTI;
use crate::trained::Trained;
use crate::{CompareError, CompareEvent, TrialOptions};

/// Trains proposals in the order of their evidence, as long as there is time, and adds those that
/// were trained to `trained`.
pub(super) fn try_proposals(
    comparison: &mut Comparison<'_>,
    candidates: Vec<Candidate>,
    trained: &mut Vec<Trained>,
    (report, options): (&CompareReport, TrialOptions),
    listener: &mut dyn FnMut(&CompareEvent),
) -> Result<Trial, CompareError> {
    let multi = find(trained, MULTI)?;
    let wanted = options.proposals.unwrap_or(candidates.len());
    let deadline = Deadline::after(options.time);
    let mut left_out = Vec::new();
    let mut names = Vec::new();
    for (number, candidate) in candidates.into_iter().enumerate() {
        let name = candidate.proposal.name;
        let mut leave_out = |reason: String| {
            let name = name.clone();
            left_out.push(LeftOut { name, reason });
        };
        if number >= wanted {
            leave_out(format!("only {wanted} were asked for"));
            continue;
        }
        // What was compared before needs no other training.
        if trained.iter().any(|system| system.name == name) {
            names.push(name);
            continue;
        }
        listener(&CompareEvent::Stage(format!("trying {name}")));
        match comparison.train(&[candidate.system], &deadline.token, listener) {
            Ok(done) => {
                trained.extend(done);
                names.push(name);
            }
            Err(error) if error.is_out_of_time() => leave_out(
                "the time was over; with more time, the same command goes on with it".to_owned(),
            ),
            Err(error) if error.is_diverged() => leave_out(error.to_string()),
            Err(error) => return Err(error),
        }
    }
    drop(deadline);
    let tried = names
        .into_iter()
        .map(|name| judge(comparison, trained, report, &multi, name))
        .collect::<Result<Vec<Tried>, CompareError>>()?;
    // Of equals, the one with the better support: the first, which is the last from behind.
    let chosen = tried
        .iter()
        .rev()
        .filter(|tried| tried.dev_gain > 0.0)
        .max_by(|a, b| a.dev_gain.total_cmp(&b.dev_gain));
    let after = comparison.report(trained, None)?;
    Ok(Trial {
        seconds: options.time.as_secs_f64(),
        sentence: outcome(chosen, &tried, report, &after),
        chosen: chosen.map(|tried| tried.name.clone()),
        tried,
        left_out,
    })
}

/// Gains of a tried proposal over the multi-task run.
fn judge(
    comparison: &Comparison<'_>,
    trained: &[Trained],
    report: &CompareReport,
    multi: &[Vec<Finished>],
    name: String,
) -> Result<Tried, CompareError> {
    let runs = find(trained, &name)?;
    let mut gains = Vec::new();
    for (ours, theirs) in runs.iter().zip(multi) {
        for task in &report.tasks {
            if let (Some(ours), Some(theirs)) = (dev_of(ours, task), dev_of(theirs, task))
                && theirs != 0.0
            {
                gains.push(100.0 * gain(task, ours, theirs) / theirs.abs());
            }
        }
    }
    let bootstrap = comparison.options.bootstrap;
    let judged = comparison.data.judged(trained)?;
    let test_gain = match delta_m(&judged, (&name, MULTI), bootstrap)? {
        Some((gain, _)) => gain,
        None => Estimate {
            value: f64::NAN,
            lower: f64::NAN,
            upper: f64::NAN,
            level: bootstrap.level,
            count: 0,
        },
    };
    Ok(Tried {
        dev_gain: gains.iter().sum::<f64>() / gains.len().max(1) as f64,
        test_gain,
        name,
    })
}

fn find(trained: &[Trained], name: &str) -> Result<Vec<Vec<Finished>>, CompareError> {
    let system = trained.iter().find(|system| system.name == name);
    Finished::of(system.expect("it was trained"))
}
