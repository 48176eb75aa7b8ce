//! Losses on train against losses on dev, evaluation by evaluation.

use serde::{Deserialize, Serialize};

/// A task's last evaluation, and for how long train and dev have gone apart.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct EvaluationTrack {
    last: Option<(f64, f64)>,
    apart: u32,
}

impl EvaluationTrack {
    /// Takes in the mean loss on train since the last evaluation and the loss on dev; gives how
    /// many evaluations in a row the first fell and the second rose.
    pub fn take(&mut self, train: f64, dev: f64) -> u32 {
        if !(train.is_finite() && dev.is_finite()) {
            return 0;
        }
        self.apart = match self.last {
            Some((before, dev_before)) if train < before && dev > dev_before => self.apart + 1,
            _ => 0,
        };
        self.last = Some((train, dev));
        self.apart
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_evaluations_in_a_row_count() {
        let mut track = EvaluationTrack::default();
        let pairs = [
            (1.0, 1.0),
            (0.9, 1.1),
            (0.8, 1.0),
            (0.7, 1.1),
            (0.6, 1.2),
            (0.5, 1.3),
            (0.6, 1.4),
        ];
        let apart: Vec<u32> = pairs.iter().map(|&(t, d)| track.take(t, d)).collect();
        assert_eq!(apart, [0, 1, 0, 1, 2, 3, 0]);
    }
}
