//! The `[balance]` table of a run file.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::loss::*;
use crate::task::check_tasks;
use crate::wrap::WrapConfig;
use crate::{BalanceError, Balancer, LossWeighting, Normalize, TaskInfo};

/// How the tasks of a run are balanced; the default is the mean of the losses.
///
/// In a run file the settings of the method stand beside the common ones:
///
/// ```toml
/// [balance]
/// method = "uncertainty"
/// learning_rate = 0.01
/// normalize = "mean"
/// wrap = ["log-class", { average = { decay = 0.9 } }]
/// ```
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct BalanceConfig {
    /// What the weights of the tasks in a step add up to: their number (`sum`), 1
    /// (`mean`), or whatever the method defines (`none`, the default).
    #[serde(default)]
    pub normalize: Normalize,
    /// Wrappers around the method, the first outermost. Default none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub wrap: Vec<WrapConfig>,
    /// The method and its settings.
    #[serde(flatten)]
    pub method: MethodConfig,
}

/// The method, by its name, with its settings.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "method", rename_all = "kebab-case")]
#[non_exhaustive]
pub enum MethodConfig {
    /// The mean of the losses of the tasks in the step.
    Equal(NoSettings),
    /// Constant weights by task name.
    Fixed(FixedConfig),
    /// Each loss divided by the logarithm of its number of classes.
    LogClass(NoSettings),
    /// The sum of the logarithms of the losses.
    ScaleInvariant(ScaleInvariantConfig),
    /// The geometric mean of the losses (Chennupati et al. 2019).
    GeometricMean(NoSettings),
    /// Learned homoscedastic uncertainty (Kendall et al. 2018).
    Uncertainty(UncertaintyConfig),
    /// Uncertainty with a positive regulariser (Liebel and Körner 2018).
    RevisedUncertainty(RevisedUncertaintyConfig),
    /// Soft optimal uncertainty weights (Kirchdorfer et al. 2024).
    UwSo(UwSoConfig),
    /// Learned impartial scales of the losses (Liu et al. 2021).
    ImtlL(ImtlLConfig),
    /// Dynamic weight average (Liu et al. 2019).
    Dwa(DwaConfig),
    /// Random weights (Lin et al. 2022).
    Rlw(RlwConfig),
    /// Fast adaptive multitask optimization (Liu et al. 2023).
    Famo(FamoConfig),
    /// Smooth Tchebycheff scalarisation of the losses (Lin et al. 2024).
    Stch(StchConfig),
    /// Smooth Tchebycheff scalarisation of normalised log losses (Lin et al. 2024).
    StchLog(StchLogConfig),
    /// Losses kept in the ratio of a preference (Ruchte and Grabocka 2021).
    Cosmos(CosmosConfig),
    /// Penalty-based boundary intersection (Zhang and Li 2007).
    Pbi(PbiConfig),
    /// Weights inverse to the spread of each loss (Crawshaw and Košecká 2021).
    Slaw(SlawConfig),
    /// Dynamic task prioritisation by validation metric (Guo et al. 2018).
    Dtp(DtpConfig),
    /// Convergence balancer on validation losses (Gong et al. 2024).
    Coba(CobaConfig),
}

/// A method without settings of its own.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NoSettings {}

impl Default for MethodConfig {
    fn default() -> Self {
        Self::Equal(NoSettings {})
    }
}

impl BalanceConfig {
    /// The method, ready for these tasks; losses are given in their order.
    ///
    /// Random methods draw from the stream of seed 0; see [`BalanceConfig::build_with_seed`].
    ///
    /// # Errors
    /// If there is no task, a name is given twice, or a setting is out of range or
    /// names an unknown task.
    pub fn build(&self, tasks: &[TaskInfo]) -> Result<Balancer, BalanceError> {
        self.build_with_seed(tasks, 0)
    }

    /// The method, with the seed that random methods draw from.
    ///
    /// # Errors
    /// As [`BalanceConfig::build`].
    pub fn build_with_seed(&self, tasks: &[TaskInfo], seed: u64) -> Result<Balancer, BalanceError> {
        check_tasks(tasks)?;
        let method = self.method.build(tasks, seed)?;
        let method = WrapConfig::wrap_losses(&self.wrap, method, tasks)?;
        Ok(Balancer::new(method, self.normalize))
    }
}

impl MethodConfig {
    fn build(&self, tasks: &[TaskInfo], seed: u64) -> Result<Box<dyn LossWeighting>, BalanceError> {
        let count = tasks.len();
        Ok(match self {
            Self::Equal(NoSettings {}) => Box::new(EqualWeighting::new(count)),
            Self::Fixed(config) => Box::new(FixedWeighting::new(config, tasks)?),
            Self::LogClass(NoSettings {}) => Box::new(LogClassWeighting::new(tasks)?),
            Self::ScaleInvariant(config) => Box::new(ScaleInvariantWeighting::new(config, count)?),
            Self::GeometricMean(NoSettings {}) => Box::new(GeometricMeanWeighting::new(count)),
            Self::Uncertainty(config) => Box::new(UncertaintyWeighting::new(config, tasks)?),
            Self::RevisedUncertainty(config) => {
                Box::new(RevisedUncertaintyWeighting::new(config, count)?)
            }
            Self::UwSo(config) => Box::new(UwSoWeighting::new(config, count)?),
            Self::ImtlL(config) => Box::new(ImtlLWeighting::new(config, count)?),
            Self::Dwa(config) => Box::new(DwaWeighting::new(config, count)?),
            Self::Rlw(config) => Box::new(RlwWeighting::new(config, count, seed)),
            Self::Famo(config) => Box::new(FamoWeighting::new(config, tasks)?),
            Self::Stch(config) => Box::new(StchWeighting::new(config, tasks)?),
            Self::StchLog(config) => Box::new(StchLogWeighting::new(config, count)?),
            Self::Cosmos(config) => Box::new(CosmosWeighting::new(config, tasks)?),
            Self::Pbi(config) => Box::new(PbiWeighting::new(config, tasks)?),
            Self::Slaw(config) => Box::new(SlawWeighting::new(config, count)?),
            Self::Dtp(config) => Box::new(DtpWeighting::new(config, count)?),
            Self::Coba(config) => Box::new(CobaWeighting::new(config, count)?),
        })
    }
}
