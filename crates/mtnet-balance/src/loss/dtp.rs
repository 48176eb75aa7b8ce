//! DTP, dynamic task prioritisation: `w_i = −(1 − κ_i)^γ ln κ_i`, more for harder tasks.
//!
//! Guo et al., "Dynamic Task Prioritization for Multitask Learning", ECCV 2018, §3.
//! `κ_i` is an exponential average of the task's validation metric in (0, 1], told by
//! [`observe`](LossWeighting::observe) as [`Observation::ValidationScores`]. A task
//! not yet evaluated has the weight 1. A metric of 1 gives the weight 0; one below
//! 1e-6 counts as that. Written from the paper.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::LossWeighting;
use crate::settings::{decay, not_negative};
use crate::{BalanceError, BalanceState, Observation, ObservationKind, TaskLosses, TaskWeights};

const NAME: &str = "dtp";
const LEAST_SCORE: f64 = 1e-6;

/// Settings of [`DtpWeighting`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct DtpConfig {
    /// Focus `γ`: larger values leave less to easy tasks. Default 1.
    pub gamma: f64,
    /// Decay of the average of the metric, per evaluation. Default 0.5.
    pub decay: f64,
}

impl Default for DtpConfig {
    fn default() -> Self {
        Self {
            gamma: 1.0,
            decay: 0.5,
        }
    }
}

/// Weights from the validation metric of each task.
#[derive(Clone, Debug, PartialEq)]
pub struct DtpWeighting {
    gamma: f64,
    decay: f64,
    /// Averaged metric, NaN before the first evaluation.
    scores: Vec<f64>,
}

impl DtpWeighting {
    /// For `tasks` tasks before their first evaluation.
    ///
    /// # Errors
    /// [`BalanceError::Setting`] if `gamma` is negative or the decay not in `0..1`.
    pub fn new(config: &DtpConfig, tasks: usize) -> Result<Self, BalanceError> {
        Ok(Self {
            gamma: not_negative(NAME, "gamma", config.gamma)?,
            decay: decay(NAME, "decay", config.decay)?,
            scores: vec![f64::NAN; tasks],
        })
    }

    fn weight(&self, task: usize) -> f64 {
        let score = self.scores[task];
        if score.is_nan() {
            return 1.0;
        }
        let score = score.max(LEAST_SCORE);
        // + 0.0 turns the −0 of a perfect metric into 0.
        -(1.0 - score).powf(self.gamma) * score.ln() + 0.0
    }
}

impl LossWeighting for DtpWeighting {
    fn name(&self) -> &'static str {
        NAME
    }

    fn weigh(&mut self, losses: &TaskLosses) -> Result<TaskWeights, BalanceError> {
        losses.check_count(self.scores.len())?;
        TaskWeights::linear(NAME, losses, |task, _| self.weight(task))
    }

    fn observes(&self) -> Option<ObservationKind> {
        Some(ObservationKind::ValidationScores)
    }

    fn observe(&mut self, observation: Observation<'_>) -> Result<(), BalanceError> {
        let Observation::ValidationScores(scores) = observation else {
            return Ok(());
        };
        scores.check_count(self.scores.len())?;
        if let Some((task, value)) = scores.present().find(|(_, v)| !(0.0..=1.0).contains(v)) {
            return Err(BalanceError::ScoreRange {
                method: NAME,
                task,
                value,
            });
        }
        for (task, score) in scores.present() {
            let kept = self.scores[task];
            self.scores[task] = if kept.is_nan() {
                score
            } else {
                self.decay * kept + (1.0 - self.decay) * score
            };
        }
        Ok(())
    }

    fn state(&self) -> BalanceState {
        BalanceState::new(NAME).with_vector("scores", self.scores.clone())
    }

    fn restore(&mut self, mut state: BalanceState) -> Result<(), BalanceError> {
        state.check_method(NAME)?;
        self.scores = state.take_vector(NAME, "scores", self.scores.len())?;
        Ok(())
    }
}
