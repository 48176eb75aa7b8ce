//! How often a chain is expected to use each of its scores.

use super::chain::{Chain, Recursions, add};
use super::log_matrix::max;

/// Counts of each score in a path, or expected counts over paths; the gradient of a summed
/// logarithm with respect to the scores.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct ScoreCounts {
    /// Of each tag as the first `(tags)`.
    pub(super) start: Vec<f64>,
    /// Of each tag as the last `(tags)`.
    pub(super) end: Vec<f64>,
    /// Of each pair of tags `(tags, tags)`, row-major by the earlier.
    pub(super) transitions: Vec<f64>,
}

impl ScoreCounts {
    /// All zero.
    pub(super) fn zeros(tags: usize) -> Self {
        Self {
            start: vec![0.; tags],
            end: vec![0.; tags],
            transitions: vec![0.; tags * tags],
        }
    }

    /// Adds `sign` times the counts of a path through a sequence, and to `emissions`
    /// `(steps, tags)` that of each tag at each step.
    pub(super) fn add_path(&mut self, path: &[usize], sign: f64, emissions: &mut [f64]) {
        let tags = self.start.len();
        let (Some(&first), Some(&last)) = (path.first(), path.last()) else {
            return;
        };
        self.start[first] += sign;
        self.end[last] += sign;
        for (step, tag) in path.iter().enumerate() {
            emissions[step * tags + tag] += sign;
        }
        for pair in path.windows(2) {
            self.transitions[pair[0] * tags + pair[1]] += sign;
        }
    }

    /// Adds `sign` times the counts expected over all paths through a sequence with emissions
    /// `scores` `(steps, tags)`, and to `emissions` those of each tag at each step.
    pub(super) fn add_expected(
        &mut self,
        chain: &Chain,
        scores: &[f64],
        recursions: &Recursions,
        sign: f64,
        emissions: &mut [f64],
    ) {
        let (before, behind) = (&recursions.before, &recursions.behind);
        let steps = before.len();
        for step in 0..steps {
            for tag in 0..chain.tags {
                let log = before[step][tag] + behind[step][tag] - recursions.log_partition;
                let probability = sign * log.exp();
                emissions[step * chain.tags + tag] += probability;
                if step == 0 {
                    self.start[tag] += probability;
                }
                if step + 1 == steps {
                    self.end[tag] += probability;
                }
            }
        }
        for step in 1..steps {
            let emission = &scores[step * chain.tags..(step + 1) * chain.tags];
            let after = add(emission, &behind[step]);
            self.add_pairs(
                chain,
                &before[step - 1],
                &after,
                recursions.log_partition,
                sign,
            );
        }
    }

    /// Adds `sign · exp(before_i + transition_ij + after_j - log_partition)` to each pair.
    fn add_pairs(
        &mut self,
        chain: &Chain,
        before: &[f64],
        after: &[f64],
        log_partition: f64,
        sign: f64,
    ) {
        let top_before = max(before);
        let tops: Vec<f64> = (0..chain.tags)
            .map(|to| chain.forward.largest(to) + after[to])
            .collect();
        let top_after = max(&tops);
        let scale = top_before + top_after - log_partition;
        // As in `LogMatrix`: products of scaled exponentials unless they may have vanished.
        if scale < LARGEST_SCALE {
            let lefts: Vec<f64> = before.iter().map(|log| (log - top_before).exp()).collect();
            for (to, top) in tops.iter().enumerate() {
                let right = sign * (top - top_after).exp() * scale.exp();
                let column = chain.forward.scaled_column(to);
                for (from, (left, entry)) in lefts.iter().zip(column).enumerate() {
                    self.transitions[from * chain.tags + to] += left * entry * right;
                }
            }
        } else {
            for (to, after) in after.iter().enumerate() {
                for (from, before) in before.iter().enumerate() {
                    let log = before + chain.transition(from, to) + after - log_partition;
                    self.transitions[from * chain.tags + to] += sign * log.exp();
                }
            }
        }
    }
}

/// Up to this a product that vanished (below 1e-308) was a probability below 1e-134.
const LARGEST_SCALE: f64 = 400.;
