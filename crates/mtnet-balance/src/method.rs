//! The registry of methods: their names in run files and their settings.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::MethodKind;
use crate::aggregator::*;
use crate::loss::*;
use crate::weighting::*;

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
    /// Constant weights; the mean gradient by default.
    ConstantGradient(ConstantGradientConfig),
    /// Random weights (Lin et al. 2022).
    RandomGradient(NoSettings),
    /// Least norm in the convex hull (Désidéri 2012; Sener and Koltun 2018).
    Mgda(MgdaConfig),
    /// Gradient surgery (Yu et al. 2020).
    Pcgrad(PcgradConfig),
    /// Gradient vaccine (Wang et al. 2021).
    Gradvac(GradVacConfig),
    /// Conflict-averse gradient descent (Liu et al. 2021).
    Cagrad(CagradConfig),
    /// Nash bargaining solution (Navon et al. 2022).
    NashMtl(NashMtlConfig),
    /// α-fair direction (Ban and Ji 2024).
    Fairgrad(FairGradConfig),
    /// Impartial gradients (Liu et al. 2021).
    ImtlG(NoSettings),
    /// Independent component alignment (Senushkin et al. 2023).
    AlignedMtl(AlignedMtlConfig),
    /// Sum of projections on the dual cone (Quinton and Rey 2024).
    Upgrad(DualConeConfig),
    /// Projection of the mean on the dual cone (Lopez-Paz and Ranzato 2017).
    Dualproj(DualConeConfig),
    /// Equal cosine with every gradient (Liu et al. 2024).
    Config(ConFigConfig),
    /// Mean of the most central gradients (Blanchard et al. 2017).
    Krum(KrumConfig),
    /// Gradient normalisation (Chen et al. 2018).
    Gradnorm(GradNormConfig),
    /// Dual balancing (Lin et al. 2023).
    DbMtl(DbMtlConfig),
    /// Double-sampled weights (Chen et al. 2023).
    Modo(ModoConfig),
    /// Direction-oriented weights (Xiao et al. 2023).
    Sdmgrad(SdmgradConfig),
    /// Auxiliary gradients at the size of the target's (He et al. 2022).
    MetaBalance(MetaBalanceConfig),
    /// Gradient sign dropout (Chen et al. 2020).
    Graddrop(GradDropConfig),
    /// Coordinatewise trimmed mean (Yin et al. 2018).
    TrimmedMean(TrimmedMeanConfig),
    /// Excess risks (He et al. 2024).
    ExcessMtl(ExcessMtlConfig),
    /// Tracked gradients (Fernando et al. 2023).
    Moco(MocoConfig),
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

impl MethodConfig {
    /// What the method needs of a step.
    pub fn kind(&self) -> MethodKind {
        match self {
            Self::Equal(_)
            | Self::Fixed(_)
            | Self::LogClass(_)
            | Self::ScaleInvariant(_)
            | Self::GeometricMean(_)
            | Self::Uncertainty(_)
            | Self::RevisedUncertainty(_)
            | Self::UwSo(_)
            | Self::ImtlL(_)
            | Self::Dwa(_)
            | Self::Rlw(_)
            | Self::Famo(_)
            | Self::Stch(_)
            | Self::StchLog(_)
            | Self::Cosmos(_)
            | Self::Pbi(_)
            | Self::Slaw(_)
            | Self::Dtp(_)
            | Self::Coba(_) => MethodKind::Losses,
            Self::ConstantGradient(_)
            | Self::RandomGradient(_)
            | Self::Mgda(_)
            | Self::Pcgrad(_)
            | Self::Gradvac(_)
            | Self::Cagrad(_)
            | Self::NashMtl(_)
            | Self::Fairgrad(_)
            | Self::ImtlG(_)
            | Self::AlignedMtl(_)
            | Self::Upgrad(_)
            | Self::Dualproj(_)
            | Self::Config(_)
            | Self::Krum(_)
            | Self::Gradnorm(_)
            | Self::Modo(_)
            | Self::Sdmgrad(_)
            | Self::MetaBalance(_) => MethodKind::Gramian,
            // Without an average over steps, only the lengths of the gradients matter.
            Self::DbMtl(config) if config.beta == 0.0 => MethodKind::Gramian,
            Self::DbMtl(_)
            | Self::Graddrop(_)
            | Self::TrimmedMean(_)
            | Self::ExcessMtl(_)
            | Self::Moco(_) => MethodKind::Gradients,
        }
    }
}
