//! FAMO, fast adaptive multitask optimization: all losses fall at the same relative rate.
//!
//! Liu et al., NeurIPS 2023, algorithm 1 (<https://arxiv.org/abs/2306.03792>). With
//! `z = softmax(ξ)`, `D_i = L_i − b_i + ε` and `c = Σ z_i / D_i`, the step minimises
//! `Σ z_i ln D_i / c`, so that `w_i = z_i / (c D_i)` add up to 1. After the step the
//! losses of the same batch (with the same dropout masks) are told to
//! [`observe`](LossWeighting::observe); `δ_i = ln D_i − ln D_i^{after}` then moves the
//! logits by Adam along `z_i (δ_i − Σ z_j δ_j) + γ ξ_i`.
//!
//! Published defaults of `γ` range from 1e-5 to 0.01; LibMTL's and TorchJD's 1e-3 is
//! taken here. Without the second evaluation the weights stay as they are.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::LossWeighting;
use crate::numeric::{dot, softmax};
use crate::settings::{by_task, finite, not_negative, positive};
use crate::{
    BalanceError, BalanceState, Observation, ObservationKind, OptimizerKind, ParameterOptimizer,
    TaskInfo, TaskLosses, TaskWeights,
};

const NAME: &str = "famo";
const EPSILON: f64 = 1e-8;

/// Settings of [`FamoWeighting`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct FamoConfig {
    /// Adam step size of the logits. Default 0.025.
    pub learning_rate: f64,
    /// Decay `γ` that pulls the weights back to equal. Default 0.001.
    pub weight_decay: f64,
    /// Lower bound `b` of the loss by task name. Default 0.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub min_losses: BTreeMap<String, f64>,
}

impl Default for FamoConfig {
    fn default() -> Self {
        Self {
            learning_rate: 0.025,
            weight_decay: 1e-3,
            min_losses: BTreeMap::new(),
        }
    }
}

/// Weights that even out the relative rates at which the losses fall.
#[derive(Clone, Debug, PartialEq)]
pub struct FamoWeighting {
    weight_decay: f64,
    min_losses: Vec<f64>,
    logits: Vec<f64>,
    optimizer: ParameterOptimizer,
    /// `D` of the step whose second evaluation is awaited.
    pending: Option<Vec<Option<f64>>>,
}

impl FamoWeighting {
    /// Equal logits.
    ///
    /// # Errors
    /// [`BalanceError::Setting`] or [`BalanceError::UnknownTask`].
    pub fn new(config: &FamoConfig, tasks: &[TaskInfo]) -> Result<Self, BalanceError> {
        let learning_rate = positive(NAME, "learning_rate", config.learning_rate)?;
        let weight_decay = not_negative(NAME, "weight_decay", config.weight_decay)?;
        Ok(Self {
            weight_decay,
            min_losses: by_task(NAME, "min_losses", tasks, &config.min_losses, 0.0, finite)?,
            logits: vec![0.0; tasks.len()],
            optimizer: ParameterOptimizer::new(OptimizerKind::Adam, learning_rate, tasks.len()),
            pending: None,
        })
    }

    /// The learned logits `ξ`, one a task.
    pub fn logits(&self) -> &[f64] {
        &self.logits
    }

    /// `D_i = L_i − b_i + ε` of each present task.
    fn shifted(&self, losses: &TaskLosses) -> Result<Vec<Option<f64>>, BalanceError> {
        losses.check_count(self.logits.len())?;
        let mut shifted = vec![None; losses.len()];
        for (task, value) in losses.present() {
            let above = value - self.min_losses[task] + EPSILON;
            if above <= 0.0 {
                return Err(BalanceError::NonPositiveLoss {
                    method: NAME,
                    task,
                    value: value - self.min_losses[task],
                });
            }
            shifted[task] = Some(above);
        }
        Ok(shifted)
    }

    fn shares(&self, present: &[usize]) -> Vec<f64> {
        let logits: Vec<f64> = present.iter().map(|&task| self.logits[task]).collect();
        softmax(&logits)
    }
}

impl LossWeighting for FamoWeighting {
    fn name(&self) -> &'static str {
        NAME
    }

    fn weigh(&mut self, losses: &TaskLosses) -> Result<TaskWeights, BalanceError> {
        let shifted = self.shifted(losses)?;
        let present: Vec<usize> = losses.present().map(|(task, _)| task).collect();
        if present.is_empty() {
            self.pending = None;
            return TaskWeights::of_present(NAME, losses, &[]);
        }
        let values: Vec<f64> = shifted.iter().flatten().copied().collect();
        let shares = self.shares(&present);
        let inverse_scale: f64 = shares.iter().zip(&values).map(|(z, d)| z / d).sum();
        let weights: Vec<f64> = shares
            .iter()
            .zip(&values)
            .map(|(z, d)| z / d / inverse_scale)
            .collect();
        let logarithms: Vec<f64> = values.iter().map(|d| d.ln()).collect();
        let total = dot(&shares, &logarithms) / inverse_scale;
        let weights = TaskWeights::of_present_with_total(NAME, losses, &weights, total)?;
        self.pending = Some(shifted);
        Ok(weights)
    }

    fn observes(&self) -> Option<ObservationKind> {
        Some(ObservationKind::LossesAfterStep)
    }

    fn observe(&mut self, observation: Observation<'_>) -> Result<(), BalanceError> {
        let Observation::LossesAfterStep(losses) = observation else {
            return Ok(());
        };
        let after = self.shifted(losses)?;
        let Some(before) = self.pending.take() else {
            return Ok(());
        };
        let (present, falls): (Vec<usize>, Vec<f64>) = before
            .iter()
            .zip(&after)
            .enumerate()
            .filter_map(|(task, pair)| match pair {
                (Some(before), Some(after)) => Some((task, before.ln() - after.ln())),
                _ => None,
            })
            .unzip();
        if present.is_empty() {
            return Ok(());
        }
        let shares = self.shares(&present);
        let mean = dot(&shares, &falls);
        let mut gradient = vec![None; self.logits.len()];
        for ((&task, share), fall) in present.iter().zip(&shares).zip(&falls) {
            gradient[task] = Some(share * (fall - mean) + self.weight_decay * self.logits[task]);
        }
        self.optimizer.step(&mut self.logits, &gradient);
        Ok(())
    }

    fn state(&self) -> BalanceState {
        let state = BalanceState::new(NAME).with_vector("logits", self.logits.clone());
        self.optimizer.save(state)
    }

    fn restore(&mut self, mut state: BalanceState) -> Result<(), BalanceError> {
        state.check_method(NAME)?;
        let logits = state.take_vector(NAME, "logits", self.logits.len())?;
        self.optimizer.load(NAME, &mut state)?;
        self.logits = logits;
        self.pending = None;
        Ok(())
    }
}
