//! MGDA, multiple-gradient descent: the point of least norm in the convex hull of the gradients.
//!
//! Désidéri, "Multiple-Gradient Descent Algorithm", Comptes Rendus Mathématique 2012;
//! Sener and Koltun, "Multi-Task Learning as Multi-Objective Optimization", NeurIPS
//! 2018, §3. `w = argmin ‖Σ w_i g_i‖²` over the simplex, solved exactly: LibMTL and
//! TorchJD iterate and stop early, and LibMTL keeps the two-task weight in
//! 0.001..0.999. The direction opposes no task, but follows the smallest gradients:
//! a solved task stalls all others, which normalised gradients mitigate.
//!
//! With `normalize_gradients`, the weights are found for normalised gradients and
//! applied to the raw ones, as the authors train; LibMTL combines the normalised ones.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::GramianWeighting;
use super::contract::present_tasks;
use crate::solve::min_norm;
use crate::{BalanceError, Gramian, TaskLosses, TaskWeights};

const NAME: &str = "mgda";

/// What the gradients are divided by before the weights are sought.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum MgdaNormalization {
    /// Nothing.
    #[default]
    None,
    /// Their norm.
    L2,
    /// The loss of the task.
    Loss,
    /// The loss of the task times the norm.
    LossL2,
}

/// Settings of [`Mgda`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct MgdaConfig {
    /// What the gradients are divided by before the weights are sought. Default `none`.
    pub normalize_gradients: MgdaNormalization,
}

/// The weights of the point of least norm.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mgda {
    normalization: MgdaNormalization,
}

impl Mgda {
    /// With these settings.
    pub fn new(config: &MgdaConfig) -> Self {
        Self {
            normalization: config.normalize_gradients,
        }
    }

    /// Weights on the simplex of the point of least norm.
    ///
    /// # Errors
    /// [`BalanceError::Solver`] if the search does not settle.
    pub fn weights(gramian: &Gramian) -> Result<Vec<f64>, BalanceError> {
        min_norm(gramian).map_err(|error| BalanceError::solver(NAME, &error))
    }

    fn normalized(&self, gramian: &Gramian, losses: &TaskLosses) -> Result<Gramian, BalanceError> {
        let by_loss = || -> Result<Vec<f64>, BalanceError> {
            losses.check_above(NAME, 0.0)?;
            Ok(losses.present().map(|(_, loss)| loss.recip()).collect())
        };
        match self.normalization {
            MgdaNormalization::None => Ok(gramian.clone()),
            MgdaNormalization::L2 => Ok(gramian.cosines()),
            MgdaNormalization::Loss => gramian.unit_scale().0.scaled(&by_loss()?),
            MgdaNormalization::LossL2 => gramian.cosines().scaled(&by_loss()?),
        }
    }
}

impl GramianWeighting for Mgda {
    fn name(&self) -> &'static str {
        NAME
    }

    fn weigh(
        &mut self,
        gramian: &Gramian,
        losses: &TaskLosses,
    ) -> Result<TaskWeights, BalanceError> {
        let weights = if present_tasks(gramian, losses)?.is_empty() {
            Vec::new()
        } else {
            Self::weights(&self.normalized(gramian, losses)?)?
        };
        TaskWeights::of_present(NAME, losses, &weights)
    }
}
