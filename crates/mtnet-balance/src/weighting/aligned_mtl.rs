//! Aligned-MTL: gradients made orthogonal and of equal length before they are added.
//!
//! Senushkin et al., "Independent Component Alignment for Multi-Task Learning", CVPR
//! 2023, §4. With `G = V Λ Vᵀ`, `w = √s · V Λ^{−1/2} Vᵀ p` over the eigenvalues above
//! rounding (`λ > max λ · m · ε`), and `s` the least of them (the paper), their lower
//! median or their mean. Nearly equal tasks make the least eigenvalue, and with it the
//! direction, tiny.
//!
//! The preference `p` is `1/m` each as in TorchJD; the authors' code and LibMTL sum
//! (`p = 1`), which is `m` times the direction.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::GramianRule;
use super::preference::Preference;
use crate::solve::Eigen;
use crate::{BalanceError, Gramian, TaskInfo};

/// The common length of the aligned gradients.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ScaleMode {
    /// From the least eigenvalue.
    #[default]
    Min,
    /// From the lower median of the eigenvalues.
    Median,
    /// From the mean of the eigenvalues.
    Rmse,
}

/// Settings of [`AlignedMtl`].
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct AlignedMtlConfig {
    /// The common length of the aligned gradients. Default `min`.
    pub scale_mode: ScaleMode,
    /// How much each task counts, by name; a task not named has 1.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub preference: BTreeMap<String, f64>,
}

/// The sum of the aligned gradients.
#[derive(Clone, Debug, PartialEq)]
pub struct AlignedMtl {
    scale_mode: ScaleMode,
    preference: Preference,
}

impl AlignedMtl {
    /// With these settings.
    ///
    /// # Errors
    /// [`BalanceError::Setting`] or [`BalanceError::UnknownTask`].
    pub fn new(config: &AlignedMtlConfig, tasks: &[TaskInfo]) -> Result<Self, BalanceError> {
        Ok(Self {
            scale_mode: config.scale_mode,
            preference: Preference::new(Self::NAME, &config.preference, tasks)?,
        })
    }
}

impl GramianRule for AlignedMtl {
    const NAME: &'static str = "aligned-mtl";

    fn weights(&self, gramian: &Gramian, tasks: &[usize]) -> Result<Vec<f64>, BalanceError> {
        // The weights do not change when all gradients are multiplied by a number.
        let (gramian, _) = gramian.unit_scale();
        let preference = self.preference.mean(tasks);
        let eigen =
            Eigen::new(&gramian).map_err(|error| BalanceError::solver(Self::NAME, &error))?;
        let threshold = eigen.rank_threshold();
        let mut kept: Vec<f64> = eigen
            .values
            .iter()
            .copied()
            .filter(|v| *v > threshold)
            .collect();
        if kept.is_empty() {
            return Ok(preference);
        }
        kept.sort_by(f64::total_cmp);
        let scale = match self.scale_mode {
            ScaleMode::Min => kept[0],
            ScaleMode::Median => kept[(kept.len() - 1) / 2],
            ScaleMode::Rmse => kept.iter().sum::<f64>() / kept.len() as f64,
        };
        Ok(eigen.apply(threshold, |value| (scale / value).sqrt(), &preference))
    }
}
