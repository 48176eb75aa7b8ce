//! The `[distillation]` table: how much of a task is learned from its teacher.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Share of a teacher where neither `weight` nor `annealing` is given.
const WEIGHT: f64 = 0.5;

/// How tasks with a `teacher` learn from it: `loss = λ · loss of the labels + (1 − λ) · distance
/// from the teacher`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct DistillationConfig {
    /// What the scores of both are divided by before they become probabilities: above 1, more is
    /// learned from small ones. Numbers know none. Default 2.
    pub temperature: f64,
    /// Share of the teacher, `1 − λ`, in every step. Default 0.5.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub weight: Option<f64>,
    /// In place of `weight`, a share that changes: `teacher` begins with the teacher alone and ends
    /// with the labels alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub annealing: Option<Annealing>,
}

/// How the share of the teacher changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Annealing {
    /// `λ` rises from 0 to 1 in a straight line over the steps of the run (Clark et al. 2019, "BAM!
    /// Born-again multi-task networks for natural language understanding", §3.3).
    Teacher,
}

impl Default for DistillationConfig {
    fn default() -> Self {
        Self {
            temperature: 2.0,
            weight: None,
            annealing: None,
        }
    }
}

impl DistillationConfig {
    /// Share of the teacher, `1 − λ`, in step `step` (from 0) of `total`.
    pub fn teacher_share(&self, step: u64, total: u64) -> f64 {
        match self.annealing {
            Some(Annealing::Teacher) => 1.0 - (step as f64 / total.max(1) as f64).min(1.0),
            None => self.weight.unwrap_or(WEIGHT),
        }
    }

    /// The first setting that is out of range or has no effect: its name, what it is, and what is
    /// expected.
    pub fn problem(&self) -> Option<(&'static str, String, &'static str)> {
        if !(self.temperature.is_finite() && self.temperature > 0.0) {
            let found = self.temperature.to_string();
            return Some(("temperature", found, "a finite number above 0"));
        }
        match self.weight {
            Some(_) if self.annealing.is_some() => {
                let expected = "one of `weight` and `annealing`, not both";
                Some(("weight", "given".to_owned(), expected))
            }
            Some(weight) if !(weight > 0.0 && weight <= 1.0) => {
                Some(("weight", weight.to_string(), "a number above 0, at most 1"))
            }
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn annealing_goes_from_the_teacher_to_the_labels() {
        let annealed = DistillationConfig {
            annealing: Some(Annealing::Teacher),
            ..DistillationConfig::default()
        };
        let shares = [0, 1, 2, 4, 5].map(|step| annealed.teacher_share(step, 4));
        assert_eq!(shares, [1.0, 0.75, 0.5, 0.0, 0.0]);
        let fixed = DistillationConfig {
            weight: Some(0.25),
            ..DistillationConfig::default()
        };
        assert_eq!([0, 4].map(|step| fixed.teacher_share(step, 4)), [0.25; 2]);
        assert_eq!(DistillationConfig::default().teacher_share(3, 4), 0.5);
    }
}
