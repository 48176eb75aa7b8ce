//! Another balancing method, by what the gradients of the tasks show.

use std::collections::BTreeMap;

use mtnet_balance::BalanceConfig;
use mtnet_core::TaskName;
use mtnet_train::events::BalanceSummary;
use mtnet_train::run_file::RunFile;

use super::Proposal;
use super::candidate::Candidate;
use super::evidence::{Finished, LosingTask};
use crate::CompareError;

/// How many times longer a gradient dominates.
const RATIO: f64 = 4.0;

/// Against conflict: no step raises a task's loss to first order (Quinton and Rey 2024).
const AGAINST_CONFLICT: &str = "upgrad";
/// Against dominance: an equal pull for all tasks (Lin et al. 2023).
const AGAINST_DOMINANCE: &str = "db-mtl";

/// What speaks for a method: how much, and in words.
type Found = Vec<(f64, String)>;

/// Proposals of methods.
pub(super) fn propose(
    run: &RunFile,
    multi: &[Vec<Finished>],
    losing: &[LosingTask<'_>],
) -> Result<Vec<Candidate>, CompareError> {
    let runs = multi.iter().flatten();
    let summaries: Vec<&BalanceSummary> = runs.filter_map(Finished::gradients).collect();
    let names = || losing.iter().map(LosingTask::name);
    let conflicts: Found = names()
        .filter_map(|name| conflict(&summaries, name))
        .collect();
    let dominances: Found = names()
        .filter_map(|name| dominance(&summaries, name))
        .collect();
    let mut candidates = Vec::new();
    for (method, found) in [
        (AGAINST_CONFLICT, conflicts),
        (AGAINST_DOMINANCE, dominances),
    ] {
        let table = serde_json::json!({ "method": method });
        let balance: BalanceConfig = serde_json::from_value(table).expect("a method we know");
        if found.is_empty() || balance == run.config.balance {
            continue;
        }
        let proposal = Proposal {
            name: format!("balance {method}"),
            changes: vec![format!("balance.method = \"{method}\"")],
            support: found
                .iter()
                .map(|(support, _)| *support)
                .fold(0.0, f64::max),
            evidence: found.into_iter().map(|(_, words)| words).collect(),
            files: Vec::new(),
        };
        candidates.push(Candidate::of_run(run, proposal, |config| {
            config.balance = balance;
        })?);
    }
    Ok(candidates)
}

/// The task whose gradient opposes that of `task` most often, mean over seeds.
fn conflict(summaries: &[&BalanceSummary], task: &TaskName) -> Option<(f64, String)> {
    let mut partners = BTreeMap::new();
    for pair in summaries.iter().flat_map(|summary| &summary.pairs) {
        let [first, second] = &pair.tasks;
        let other = match task {
            name if name == first => second,
            name if name == second => first,
            _ => continue,
        };
        let entry: &mut (f64, f64, f64) = partners.entry(other).or_default();
        let looks = pair.samples as f64;
        entry.0 += looks;
        entry.1 += looks * pair.conflict_rate;
        entry.2 += looks * pair.cosine;
    }
    let means = partners.into_iter().filter(|(_, sums)| sums.0 > 0.0);
    let (other, rate, cosine) = means
        .map(|(other, (looks, conflicts, cosines))| (other, conflicts / looks, cosines / looks))
        .max_by(|a, b| a.1.total_cmp(&b.1))?;
    (rate >= 0.5).then(|| {
        let words = format!(
            "The gradients of `{}` and `{other}` opposed each other in {:.0} % of the looks (mean \
             cosine {cosine:+.2}).",
            task,
            100.0 * rate
        );
        (rate, words)
    })
}

/// The task with the longest gradient, where it is much longer than that of `task`: the share of
/// the seeds in which it is.
fn dominance(summaries: &[&BalanceSummary], task: &TaskName) -> Option<(f64, String)> {
    let mut ratios = Vec::new();
    for summary in summaries {
        let own = summary.tasks.get(task)?.gradient_norm;
        let longest = summary
            .tasks
            .iter()
            .max_by(|a, b| a.1.gradient_norm.total_cmp(&b.1.gradient_norm))?;
        if own > 0.0 {
            ratios.push((longest.1.gradient_norm / own, longest.0));
        }
    }
    let looked = ratios.len();
    ratios.retain(|(ratio, _)| *ratio >= RATIO);
    let support = ratios.len() as f64 / looked.max(1) as f64;
    let largest = ratios.iter().max_by(|a, b| a.0.total_cmp(&b.0))?;
    (support >= 0.5).then(|| {
        let words = format!(
            "The gradient of `{}` was up to {:.1} times as long as that of `{}` (mean over a run), \
             at least {RATIO:.0} times in {} of {looked} seeds.",
            largest.1,
            largest.0,
            task,
            ratios.len()
        );
        (support, words)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use mtnet_train::events::{PairGradientStats, TaskGradientStats};

    fn name(name: &str) -> TaskName {
        TaskName::new(name).unwrap()
    }

    fn summary(norms: [f64; 3], pairs: &[(&str, &str, f64, f64)]) -> BalanceSummary {
        let stats = |gradient_norm| TaskGradientStats {
            samples: 10,
            gradient_norm,
            weight: None,
            share: None,
        };
        let tasks = ["a", "b", "c"].map(name).into_iter().zip(norms.map(stats));
        BalanceSummary {
            samples: 10,
            tasks: tasks.collect(),
            pairs: pairs
                .iter()
                .map(
                    |&(first, second, cosine, conflict_rate)| PairGradientStats {
                        tasks: [name(first), name(second)],
                        samples: 10,
                        cosine,
                        conflict_rate,
                    },
                )
                .collect(),
            ..BalanceSummary::default()
        }
    }

    #[test]
    fn the_worst_partner_is_what_speaks_of_conflict() {
        let first = summary([1.0; 3], &[("a", "b", -0.2, 0.7), ("b", "c", -0.5, 0.9)]);
        let second = summary([1.0; 3], &[("a", "b", 0.0, 0.5), ("a", "c", 0.4, 0.1)]);
        let both = [&first, &second];
        let (rate, words) = conflict(&both, &name("a")).unwrap();
        assert!((rate - 0.6).abs() < 1e-12, "{rate}");
        assert!(
            words.contains("`a` and `b` opposed each other in 60 % of the looks"),
            "{words}"
        );
        assert!(words.contains("mean cosine -0.10"), "{words}");
        assert_eq!(conflict(&both, &name("c")).unwrap().0, 0.9);
        assert_eq!(conflict(&[&second], &name("c")), None);
        assert_eq!(conflict(&[], &name("a")), None);
    }

    #[test]
    fn a_longest_gradient_dominates_in_a_share_of_the_seeds() {
        let runs =
            [[1.0, 6.0, 2.0], [1.0, 3.0, 2.0], [1.0, 2.0, 5.0]].map(|norms| summary(norms, &[]));
        let all: Vec<&BalanceSummary> = runs.iter().collect();
        let (share, words) = dominance(&all, &name("a")).unwrap();
        assert!((share - 2.0 / 3.0).abs() < 1e-12, "{share}");
        assert!(
            words.contains("`b` was up to 6.0 times") && words.contains("2 of 3 seeds"),
            "{words}"
        );
        assert_eq!(dominance(&all, &name("b")), None);
        assert_eq!(dominance(&all[1..2], &name("a")), None);
    }
}
