//! The balancing method of a run, of either kind.

use mtnet_balance::{
    BalanceConfig, BalanceError, BalanceState, Balancer, BlockBalancer, GradientPlace,
    HeadGradients, MethodKind, Observation, ObservationKind, TaskInfo,
};

/// A method on losses, or one on gradients for each block of parameters.
#[derive(Debug)]
pub(in crate::trainer) enum BalanceMethod {
    Losses {
        balancer: Balancer,
        raw_heads: bool,
    },
    Gradients {
        balancer: BlockBalancer,
        raw_heads: bool,
        at: GradientPlace,
    },
}

impl BalanceMethod {
    pub fn new(
        config: &BalanceConfig,
        tasks: &[TaskInfo],
        seed: u64,
        blocks: usize,
    ) -> Result<Self, BalanceError> {
        let raw_heads = config.head_gradients() == HeadGradients::Raw;
        Ok(match config.kind() {
            MethodKind::Losses => Self::Losses {
                balancer: config.build_losses(tasks, seed)?,
                raw_heads,
            },
            _ => Self::Gradients {
                balancer: BlockBalancer::new(config, tasks, seed, blocks)?,
                raw_heads,
                at: config.at,
            },
        })
    }

    /// Whether heads get the gradient of their plain loss.
    pub fn raw_heads(&self) -> bool {
        match self {
            Self::Losses { raw_heads, .. } | Self::Gradients { raw_heads, .. } => *raw_heads,
        }
    }

    /// What the method must be told beside losses or gradients.
    pub fn observes(&self) -> Option<ObservationKind> {
        match self {
            Self::Losses { balancer, .. } => balancer.observes(),
            Self::Gradients { .. } => None,
        }
    }

    pub fn observe(&mut self, observation: Observation<'_>) -> Result<(), BalanceError> {
        match self {
            Self::Losses { balancer, .. } => balancer.observe(observation),
            Self::Gradients { .. } => Ok(()),
        }
    }

    pub fn state(&self) -> BalanceState {
        match self {
            Self::Losses { balancer, .. } => balancer.state(),
            Self::Gradients { balancer, .. } => balancer.state(),
        }
    }

    pub fn restore(&mut self, state: BalanceState) -> Result<(), BalanceError> {
        match self {
            Self::Losses { balancer, .. } => balancer.restore(state),
            Self::Gradients { balancer, .. } => balancer.restore(state),
        }
    }
}
