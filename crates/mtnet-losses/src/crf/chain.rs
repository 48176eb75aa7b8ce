//! The forward and backward recursions over one sequence.

use super::log_matrix::{LogMatrix, log_sum_exp};

/// Scores between tags, on the processor in `f64`.
#[derive(Clone, Debug)]
pub(super) struct Chain {
    /// Number of tags.
    pub(super) tags: usize,
    /// Of beginning with each tag `(tags)`.
    pub(super) start: Vec<f64>,
    /// Of ending with each tag `(tags)`.
    pub(super) end: Vec<f64>,
    /// Of going from one tag (row) to another (column).
    pub(super) forward: LogMatrix,
    /// The same, transposed.
    backward: LogMatrix,
}

/// Logarithms of the summed weights of partial paths through one sequence, and of all paths.
pub(super) struct Recursions {
    /// Of the paths up to a step with a tag there `(steps, tags)`.
    pub(super) before: Vec<Vec<f64>>,
    /// Of the paths behind a step with a tag there `(steps, tags)`.
    pub(super) behind: Vec<Vec<f64>>,
    /// Of all paths.
    pub(super) log_partition: f64,
}

impl Chain {
    /// From `transitions` `(tags, tags)`, row after row.
    pub(super) fn new(transitions: &[f64], start: Vec<f64>, end: Vec<f64>) -> Self {
        let tags = start.len();
        Self {
            tags,
            start,
            end,
            forward: LogMatrix::new(tags, |from, to| transitions[from * tags + to]),
            backward: LogMatrix::new(tags, |to, from| transitions[from * tags + to]),
        }
    }

    /// Score of going from one tag to another.
    pub(super) fn transition(&self, from: usize, to: usize) -> f64 {
        self.forward.column(to)[from]
    }

    /// Both recursions over a sequence's emissions `(steps, tags)`, row-major.
    pub(super) fn recur(&self, emissions: &[f64]) -> Recursions {
        let before = self.forward_sums(emissions);
        let steps = before.len();
        let mut behind = vec![self.end.clone(); steps];
        for step in (1..steps).rev() {
            let emission = &emissions[step * self.tags..(step + 1) * self.tags];
            behind[step - 1] = self.backward.product(&add(emission, &behind[step]));
        }
        Recursions {
            log_partition: self.log_partition_of(&before),
            before,
            behind,
        }
    }

    /// Logarithm of the summed weights of all paths; 0 for a sequence of no step.
    pub(super) fn log_partition(&self, emissions: &[f64]) -> f64 {
        self.log_partition_of(&self.forward_sums(emissions))
    }

    fn log_partition_of(&self, before: &[Vec<f64>]) -> f64 {
        before
            .last()
            .map_or(0., |last| log_sum_exp(&add(last, &self.end)))
    }

    fn forward_sums(&self, emissions: &[f64]) -> Vec<Vec<f64>> {
        let mut before: Vec<Vec<f64>> = Vec::with_capacity(emissions.len() / self.tags);
        for emission in emissions.chunks_exact(self.tags) {
            let reached = match before.last() {
                None => add(&self.start, emission),
                Some(previous) => add(&self.forward.product(previous), emission),
            };
            before.push(reached);
        }
        before
    }

    /// Score of one path of tags through a sequence; 0 for a sequence of no step.
    pub(super) fn path_score(&self, emissions: &[f64], path: &[usize]) -> f64 {
        let (Some(&first), Some(&last)) = (path.first(), path.last()) else {
            return 0.;
        };
        let emitted: f64 = path
            .iter()
            .enumerate()
            .map(|(step, tag)| emissions[step * self.tags + tag])
            .sum();
        let moved: f64 = path
            .windows(2)
            .map(|pair| self.transition(pair[0], pair[1]))
            .sum();
        self.start[first] + emitted + moved + self.end[last]
    }
}

/// The sum, element by element.
pub(super) fn add(left: &[f64], right: &[f64]) -> Vec<f64> {
    left.iter().zip(right).map(|(a, b)| a + b).collect()
}
