//! ConFIG, conflict-free inverse gradients: equal cosine with every gradient.
//!
//! Liu, Chu and Thuerey, "ConFIG: Towards Conflict-free Training of Physics Informed
//! Neural Networks", ICLR 2025, §3 (<https://arxiv.org/abs/2408.11104>). With `U` the
//! unit gradients, `d̂ = U⁺p / ‖U⁺p‖` and `d = (Σ ⟨g_i, d̂⟩) d̂`. Since
//! `U⁺ = Uᵀ (U Uᵀ)⁺`, the matrix of cosines is all it takes. A zero gradient is left out.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::GramianRule;
use super::preference::Preference;
use crate::numeric::dot;
use crate::solve::Eigen;
use crate::{BalanceError, Gramian, TaskInfo};

/// Settings of [`ConFig`].
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ConFigConfig {
    /// Cosine of the direction with each gradient relative to the others, by task
    /// name; a task not named has 1.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub preference: BTreeMap<String, f64>,
}

/// The direction of equal cosines.
#[derive(Clone, Debug, PartialEq)]
pub struct ConFig {
    preference: Preference,
}

impl ConFig {
    /// With these settings.
    ///
    /// # Errors
    /// [`BalanceError::Setting`] or [`BalanceError::UnknownTask`].
    pub fn new(config: &ConFigConfig, tasks: &[TaskInfo]) -> Result<Self, BalanceError> {
        Ok(Self {
            preference: Preference::new(Self::NAME, &config.preference, tasks)?,
        })
    }
}

impl GramianRule for ConFig {
    const NAME: &'static str = "config";

    fn weights(&self, gramian: &Gramian, tasks: &[usize]) -> Result<Vec<f64>, BalanceError> {
        let cosines = gramian.cosines();
        let eigen =
            Eigen::new(&cosines).map_err(|error| BalanceError::solver(Self::NAME, &error))?;
        // The singular values of U are the roots of the eigenvalues: a threshold on them
        // as small as a pseudo-inverse of U would use is below the rounding of U Uᵀ.
        let threshold = eigen.rank_threshold();
        let shares = eigen.apply(threshold, f64::recip, &self.preference.raw(tasks));
        let length = cosines.length(&shares);
        if length == 0.0 {
            return Ok(vec![0.0; shares.len()]);
        }
        let projections = cosines.multiply(&shares);
        let scale = dot(&gramian.norms(), &projections) / (length * length);
        Ok(shares
            .iter()
            .zip(gramian.norms())
            .map(|(share, norm)| {
                if norm > 0.0 {
                    share * scale / norm
                } else {
                    0.0
                }
            })
            .collect())
    }
}
