//! From the settings of a method to the method.

use crate::aggregator::*;
use crate::loss::*;
use crate::weighting::*;
use crate::{BalanceError, MethodConfig, NoSettings, TaskInfo};

/// A method of any kind, without wrappers and normalisation.
pub(crate) enum Method {
    /// See [`LossWeighting`].
    Losses(Box<dyn LossWeighting>),
    /// See [`GramianWeighting`].
    Gramian(Box<dyn GramianWeighting>),
    /// See [`GradientAggregator`].
    Gradients(Box<dyn GradientAggregator>),
}

impl Method {
    /// The name by which run files select it.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Losses(method) => method.name(),
            Self::Gramian(method) => method.name(),
            Self::Gradients(method) => method.name(),
        }
    }

    /// Whether its direction is a weighted sum of the step's gradients.
    pub(crate) fn makes_weights(&self) -> bool {
        match self {
            Self::Losses(_) | Self::Gramian(_) => true,
            Self::Gradients(method) => method.makes_weights(),
        }
    }

    /// Whether it keeps numbers by coordinate from one step to the next.
    pub(crate) fn keeps_coordinates(&self) -> bool {
        match self {
            Self::Losses(_) | Self::Gramian(_) => false,
            Self::Gradients(method) => method.keeps_coordinates(),
        }
    }
}

fn losses(method: impl LossWeighting + 'static) -> Method {
    Method::Losses(Box::new(method))
}

fn gramian(method: impl GramianWeighting + 'static) -> Method {
    Method::Gramian(Box::new(method))
}

fn gradients(method: impl GradientAggregator + 'static) -> Method {
    Method::Gradients(Box::new(method))
}

impl MethodConfig {
    /// The method for these tasks, their names already checked.
    pub(crate) fn build(&self, tasks: &[TaskInfo], seed: u64) -> Result<Method, BalanceError> {
        let count = tasks.len();
        Ok(match self {
            Self::Equal(NoSettings {}) => losses(EqualWeighting::new(count)),
            Self::Fixed(config) => losses(FixedWeighting::new(config, tasks)?),
            Self::LogClass(NoSettings {}) => losses(LogClassWeighting::new(tasks)?),
            Self::ScaleInvariant(config) => losses(ScaleInvariantWeighting::new(config, count)?),
            Self::GeometricMean(NoSettings {}) => losses(GeometricMeanWeighting::new(count)),
            Self::Uncertainty(config) => losses(UncertaintyWeighting::new(config, tasks)?),
            Self::RevisedUncertainty(config) => {
                losses(RevisedUncertaintyWeighting::new(config, count)?)
            }
            Self::UwSo(config) => losses(UwSoWeighting::new(config, count)?),
            Self::ImtlL(config) => losses(ImtlLWeighting::new(config, count)?),
            Self::Dwa(config) => losses(DwaWeighting::new(config, count)?),
            Self::Rlw(config) => losses(RlwWeighting::new(config, count, seed)),
            Self::Famo(config) => losses(FamoWeighting::new(config, tasks)?),
            Self::Stch(config) => losses(StchWeighting::new(config, tasks)?),
            Self::StchLog(config) => losses(StchLogWeighting::new(config, count)?),
            Self::Cosmos(config) => losses(CosmosWeighting::new(config, tasks)?),
            Self::Pbi(config) => losses(PbiWeighting::new(config, tasks)?),
            Self::Slaw(config) => losses(SlawWeighting::new(config, count)?),
            Self::Dtp(config) => losses(DtpWeighting::new(config, count)?),
            Self::Coba(config) => losses(CobaWeighting::new(config, count)?),
            Self::ConstantGradient(config) => gramian(ConstantGradient::new(config, tasks)?),
            Self::RandomGradient(NoSettings {}) => gramian(RandomGradient::new(seed)),
            Self::Mgda(config) => gramian(Mgda::new(config)),
            Self::Pcgrad(config) => gramian(Pcgrad::new(config, seed)),
            Self::Gradvac(config) => gramian(GradVac::new(config, count, seed)?),
            Self::Cagrad(config) => gramian(Cagrad::new(config)?),
            Self::NashMtl(config) => gramian(NashMtl::new(config)?),
            Self::Fairgrad(config) => gramian(FairGrad::new(config)?),
            Self::ImtlG(NoSettings {}) => gramian(ImtlG),
            Self::AlignedMtl(config) => gramian(AlignedMtl::new(config, tasks)?),
            Self::Upgrad(config) => gramian(UpGrad::new(config, tasks)?),
            Self::Dualproj(config) => gramian(DualProj::new(config, tasks)?),
            Self::Config(config) => gramian(ConFig::new(config, tasks)?),
            Self::Krum(config) => gramian(Krum::new(config)?),
            Self::Gradnorm(config) => gramian(GradNorm::new(config, count)?),
            Self::Modo(config) => gramian(Modo::new(config, count)?),
            Self::Sdmgrad(config) => gramian(Sdmgrad::new(config, count)?),
            Self::MetaBalance(config) => gramian(MetaBalance::new(config, tasks)?),
            Self::DbMtl(config) if config.beta == 0.0 => {
                config.check()?;
                gramian(DbMtl)
            }
            Self::DbMtl(config) => gradients(AveragedDbMtl::new(config, count)?),
            Self::Graddrop(config) => gradients(GradDrop::new(config, tasks, seed)?),
            Self::TrimmedMean(config) => gradients(TrimmedMean::new(config)),
            Self::ExcessMtl(config) => gradients(ExcessMtl::new(config, count)?),
            Self::Moco(config) => gradients(Moco::new(config, count)?),
        })
    }
}
