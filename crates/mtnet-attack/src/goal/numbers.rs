//! Numbers that move: `score = max over targets of |answer − clean answer| / shift`, reached at 1.

use mtnet_core::Target;
use mtnet_heads::Answer;

use super::{Goal, Steer, Verdict};
use crate::AttackedText;

#[derive(Debug)]
pub(super) struct Shifted {
    clean: Vec<f32>,
    shifts: Vec<f64>,
    starts_right: bool,
    steer: Steer,
}

impl Shifted {
    /// The clean answer counts as right where it is nearer to the truth than a shift; a missing
    /// truth is NaN and asks nothing.
    pub(super) fn new(truth: &[f32], clean: &[f32], shifts: Vec<f64>) -> Self {
        Self {
            starts_right: distance(clean, truth, &shifts) < 1.0,
            clean: clean.to_vec(),
            shifts,
            steer: Steer::away_from(&Target::Numbers(truth.to_vec())),
        }
    }
}

impl Goal for Shifted {
    fn starts_right(&self) -> bool {
        self.starts_right
    }

    fn judge(&self, _: &AttackedText, answer: &Answer) -> Verdict {
        let Answer::Numbers { values } = answer else {
            return Verdict::new(0.0, false);
        };
        let moved = distance(values, &self.clean, &self.shifts);
        Verdict::new(moved, moved >= 1.0)
    }

    fn steer(&self) -> &Steer {
        &self.steer
    }
}

/// The largest difference in shifts. `f64::max` passes over NaN.
fn distance(a: &[f32], b: &[f32], shifts: &[f64]) -> f64 {
    a.iter()
        .zip(b)
        .zip(shifts)
        .map(|((&a, &b), shift)| f64::from(a - b).abs() / shift)
        .fold(0.0, f64::max)
}
