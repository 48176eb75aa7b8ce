//! Trimmed mean: per coordinate, the mean without the `b` largest and `b` smallest entries.
//!
//! Yin et al., "Byzantine-Robust Distributed Learning", ICML 2018, definition 2.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{GradientAggregator, GradientRows};
use crate::{BalanceError, TaskLosses, TaskWeights};

const NAME: &str = "trimmed-mean";

/// Settings of [`TrimmedMean`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TrimmedMeanConfig {
    /// Entries `b` dropped at either end; every step needs `2 b + 1` tasks or more.
    pub trim: u64,
}

/// The coordinatewise trimmed mean.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrimmedMean {
    trim: usize,
}

impl TrimmedMean {
    /// With these settings.
    pub fn new(config: &TrimmedMeanConfig) -> Self {
        Self {
            trim: usize::try_from(config.trim).unwrap_or(usize::MAX),
        }
    }
}

impl GradientAggregator for TrimmedMean {
    fn name(&self) -> &'static str {
        NAME
    }

    fn aggregate(
        &mut self,
        gradients: &GradientRows<'_>,
        losses: &TaskLosses,
        write: &mut dyn FnMut(usize, &[f64]),
    ) -> Result<Option<TaskWeights>, BalanceError> {
        let found = gradients.tasks(losses)?.len();
        let needed = self.trim.saturating_mul(2).saturating_add(1);
        if found < needed {
            return Err(BalanceError::TooFewTasks {
                method: NAME,
                needed,
                found,
            });
        }
        let mut column = Vec::with_capacity(found);
        let mut direction = Vec::new();
        gradients.for_each_piece(|start, piece| {
            direction.clear();
            for index in 0..piece[0].len() {
                column.clear();
                column.extend(piece.iter().map(|row| row[index]));
                column.sort_by(f64::total_cmp);
                let kept = &column[self.trim..found - self.trim];
                direction.push(kept.iter().sum::<f64>() / kept.len() as f64);
            }
            write(start, &direction);
        });
        Ok(None)
    }
}
