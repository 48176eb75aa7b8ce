//! A learning rate that falls when the score no longer rises (`ReduceLROnPlateau` of Keras and
//! PyTorch): a factor beside the schedule.

use serde::{Deserialize, Serialize};

use crate::run_file::TrainConfig;

/// What the learning rate is multiplied by, and what it waits for. A checkpoint keeps it.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Plateau {
    best: Option<f64>,
    waited: usize,
    /// The factor now.
    pub factor: f64,
}

impl Default for Plateau {
    fn default() -> Self {
        Self {
            best: None,
            waited: 0,
            factor: 1.0,
        }
    }
}

impl Plateau {
    /// Takes in the score of an evaluation; whether the factor fell.
    pub(super) fn take(&mut self, config: &TrainConfig, score: f64) -> bool {
        let Some(patience) = config.plateau_patience else {
            return false;
        };
        if self.best.is_none_or(|best| score > best) {
            (self.best, self.waited) = (Some(score), 0);
            return false;
        }
        self.waited += 1;
        if self.waited < patience {
            return false;
        }
        self.waited = 0;
        self.factor *= config.plateau_factor.unwrap_or(0.5);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_factor_falls_after_so_many_evaluations_without_a_better_score() {
        let config = TrainConfig {
            plateau_patience: Some(2),
            plateau_factor: Some(0.1),
            ..TrainConfig::default()
        };
        let mut plateau = Plateau::default();
        let scores = [0.5, 0.5, 0.6, 0.6, 0.4, 0.6, 0.6];
        let fell: Vec<bool> = scores.map(|score| plateau.take(&config, score)).to_vec();
        assert_eq!(fell, [false, false, false, false, true, false, true]);
        assert!((plateau.factor - 0.01).abs() < 1e-12);
        let mut never = Plateau::default();
        assert!(
            !scores
                .iter()
                .any(|&s| never.take(&TrainConfig::default(), s))
        );
    }
}
