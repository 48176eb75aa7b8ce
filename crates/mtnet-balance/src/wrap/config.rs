//! The entries of `wrap` in a run file.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::*;
use crate::{BalanceError, GramianWeighting, LossWeighting, TaskInfo};

/// One wrapper: its name, or a table of its name and settings.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum WrapConfig {
    /// Losses divided by the logarithm of their number of classes.
    LogClass,
    /// Gradients of unit length; for methods on gradients.
    UnitNorm,
    /// Gradients of log losses; for methods on gradients.
    LogLoss,
    /// An exponential average of the weights (CR-MOGM).
    Average(AverageConfig),
    /// Weights kept for several steps.
    Refresh(RefreshConfig),
    /// Equal weights for the first steps.
    WarmUp(WarmUpConfig),
    /// A least share of the weights for one task.
    TargetFloor(TargetFloorConfig),
}

impl WrapConfig {
    fn build(&self, tasks: &[TaskInfo]) -> Result<Box<dyn Wrapper>, BalanceError> {
        Ok(match self {
            Self::LogClass => Box::new(LogClass::new(tasks)?),
            Self::UnitNorm => Box::new(UnitNorm),
            Self::LogLoss => Box::new(LogLoss),
            Self::Average(config) => Box::new(Average::new(config, tasks.len())?),
            Self::Refresh(config) => Box::new(Refresh::new(config, tasks.len())?),
            Self::WarmUp(config) => Box::new(WarmUp::new(config)),
            Self::TargetFloor(config) => Box::new(TargetFloor::new(config, tasks)?),
        })
    }

    /// Puts wrappers around a loss weighting, the first outermost.
    ///
    /// # Errors
    /// [`BalanceError::WrapNeedsGradients`] for a wrapper that works on gradients, and
    /// whatever is wrong with its settings.
    pub fn wrap_losses(
        wrappers: &[Self],
        mut method: Box<dyn LossWeighting>,
        tasks: &[TaskInfo],
    ) -> Result<Box<dyn LossWeighting>, BalanceError> {
        for config in wrappers.iter().rev() {
            let wrapper = config.build(tasks)?;
            if matches!(config, Self::UnitNorm | Self::LogLoss) {
                return Err(BalanceError::WrapNeedsGradients {
                    wrapper: wrapper.name(),
                    method: method.name(),
                });
            }
            method = Box::new(Wrapped::new(wrapper, method));
        }
        Ok(method)
    }

    /// Puts wrappers around a gradient weighting, the first outermost.
    ///
    /// # Errors
    /// Whatever is wrong with their settings.
    pub fn wrap_gramian(
        wrappers: &[Self],
        mut method: Box<dyn GramianWeighting>,
        tasks: &[TaskInfo],
    ) -> Result<Box<dyn GramianWeighting>, BalanceError> {
        for config in wrappers.iter().rev() {
            method = Box::new(Wrapped::new(config.build(tasks)?, method));
        }
        Ok(method)
    }
}
