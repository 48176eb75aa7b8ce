//! The choice of a gradient method, with its settings, wrappers and scale.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::aggregator::*;
use crate::task::check_tasks;
use crate::weighting::*;
use crate::wrap::WrapConfig;
use crate::{BalanceError, GradientBalancer, NoSettings, Normalize, TaskInfo};

/// How the gradients of a step become one direction.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct GradientBalanceConfig {
    /// What the weights of the tasks in a step add up to: their number (`sum`), 1
    /// (`mean`), or whatever the method defines (`none`, the default).
    #[serde(default)]
    pub normalize: Normalize,
    /// Wrappers around the method, the first outermost. Default none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub wrap: Vec<WrapConfig>,
    /// The method and its settings.
    #[serde(flatten)]
    pub method: GradientMethodConfig,
}

/// The gradient method, by its name, with its settings.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "method", rename_all = "kebab-case")]
#[non_exhaustive]
pub enum GradientMethodConfig {
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

/// A method that needs the Gramian only, or one that needs the gradients.
enum Built {
    Gramian(Box<dyn GramianWeighting>),
    Rows(Box<dyn GradientAggregator>),
}

impl GradientBalanceConfig {
    /// The method, ready for these tasks; random methods draw from the stream of `seed`.
    ///
    /// # Errors
    /// If there is no task, a name is given twice, a setting is out of range or names an
    /// unknown task, or if `wrap` or `normalize` are given for a method without weights.
    pub fn build(&self, tasks: &[TaskInfo], seed: u64) -> Result<GradientBalancer, BalanceError> {
        check_tasks(tasks)?;
        match self.method.build(tasks, seed)? {
            Built::Gramian(method) => {
                let method = WrapConfig::wrap_gramian(&self.wrap, method, tasks)?;
                Ok(GradientBalancer::from_gramian(method, self.normalize))
            }
            Built::Rows(method) if self.wrap.is_empty() && self.normalize == Normalize::None => {
                Ok(GradientBalancer::from_rows(method))
            }
            Built::Rows(method) => Err(BalanceError::WrapNeedsWeights {
                method: method.name(),
            }),
        }
    }
}

impl GradientMethodConfig {
    fn build(&self, tasks: &[TaskInfo], seed: u64) -> Result<Built, BalanceError> {
        let count = tasks.len();
        let method: Box<dyn GramianWeighting> = match self {
            Self::ConstantGradient(config) => Box::new(ConstantGradient::new(config, tasks)?),
            Self::RandomGradient(NoSettings {}) => Box::new(RandomGradient::new(seed)),
            Self::Mgda(config) => Box::new(Mgda::new(config)),
            Self::Pcgrad(config) => Box::new(Pcgrad::new(config, seed)),
            Self::Gradvac(config) => Box::new(GradVac::new(config, count, seed)?),
            Self::Cagrad(config) => Box::new(Cagrad::new(config)?),
            Self::NashMtl(config) => Box::new(NashMtl::new(config)?),
            Self::Fairgrad(config) => Box::new(FairGrad::new(config)?),
            Self::ImtlG(NoSettings {}) => Box::new(ImtlG),
            Self::AlignedMtl(config) => Box::new(AlignedMtl::new(config, tasks)?),
            Self::Upgrad(config) => Box::new(UpGrad::new(config, tasks)?),
            Self::Dualproj(config) => Box::new(DualProj::new(config, tasks)?),
            Self::Config(config) => Box::new(ConFig::new(config, tasks)?),
            Self::Krum(config) => Box::new(Krum::new(config)?),
            Self::Gradnorm(config) => Box::new(GradNorm::new(config, count)?),
            Self::DbMtl(config) if config.beta == 0.0 => Box::new(DbMtl),
            Self::Modo(config) => Box::new(Modo::new(config, count)?),
            Self::Sdmgrad(config) => Box::new(Sdmgrad::new(config, count)?),
            Self::MetaBalance(config) => Box::new(MetaBalance::new(config, tasks)?),
            Self::DbMtl(config) => {
                return Ok(Built::Rows(Box::new(AveragedDbMtl::new(config, count)?)));
            }
            Self::Graddrop(config) => {
                return Ok(Built::Rows(Box::new(GradDrop::new(config, tasks, seed)?)));
            }
            Self::TrimmedMean(config) => {
                return Ok(Built::Rows(Box::new(TrimmedMean::new(config))));
            }
            Self::ExcessMtl(config) => {
                return Ok(Built::Rows(Box::new(ExcessMtl::new(config, count)?)));
            }
            Self::Moco(config) => return Ok(Built::Rows(Box::new(Moco::new(config, count)?))),
        };
        Ok(Built::Gramian(method))
    }
}
