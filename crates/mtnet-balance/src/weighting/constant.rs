//! Constant weights of the gradients: their mean where no weight is given.
//!
//! What single losses with fixed weights would do, for comparison on gradients.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::GramianRule;
use crate::settings::{by_task, finite};
use crate::{BalanceError, Gramian, TaskInfo};

/// Settings of [`ConstantGradient`].
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ConstantGradientConfig {
    /// Weight of each task by its name; a task not named has 1 over the number of tasks.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub weights: BTreeMap<String, f64>,
}

/// The gradients with constant weights.
#[derive(Clone, Debug, PartialEq)]
pub struct ConstantGradient {
    weights: Vec<f64>,
}

impl ConstantGradient {
    /// With these settings.
    ///
    /// # Errors
    /// [`BalanceError::Setting`] or [`BalanceError::UnknownTask`].
    pub fn new(config: &ConstantGradientConfig, tasks: &[TaskInfo]) -> Result<Self, BalanceError> {
        let table = &config.weights;
        let even = 1.0 / tasks.len() as f64;
        Ok(Self {
            weights: by_task(Self::NAME, "weights", tasks, table, even, finite)?,
        })
    }
}

impl GramianRule for ConstantGradient {
    const NAME: &'static str = "constant-gradient";

    fn weights(&self, _gramian: &Gramian, tasks: &[usize]) -> Result<Vec<f64>, BalanceError> {
        Ok(tasks.iter().map(|&task| self.weights[task]).collect())
    }
}
