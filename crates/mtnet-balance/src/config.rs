//! The `[balance]` table of a run file.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::build::Method;
use crate::spelling::with_nearest;
use crate::task::check_tasks;
use crate::wrap::WrapConfig;
use crate::{
    Balance, BalanceError, Balancer, GradientBalancer, GradientPlace, Granularity, HeadGradients,
    MethodConfig, MethodKind, Normalize, TaskInfo,
};

/// How the tasks of a run are balanced; the default is the mean of the losses.
///
/// In a run file the settings of the method stand beside the common ones:
///
/// ```toml
/// [balance]
/// method = "upgrad"
/// reg_eps = 1e-4
/// normalize = "mean"
/// wrap = ["log-class", { average = { decay = 0.9 } }]
/// ```
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct BalanceConfig {
    /// What the weights of the tasks in a step add up to: their number (`sum`), 1
    /// (`mean`), or whatever the method defines (`none`, the default).
    #[serde(default)]
    pub normalize: Normalize,
    /// The gradient that a task's own head receives: that of its weighted loss
    /// (`weighted`), of its plain loss (`raw`), or as the kind of method has it (`auto`, the
    /// default: `weighted` for methods on losses, `raw` for methods on gradients).
    #[serde(default, skip_serializing_if = "is_default")]
    pub heads: HeadGradients,
    /// The parts of the encoder that a method on gradients balances each by itself:
    /// `encoder` (all together, the default), `layer` or `tensor`.
    #[serde(default, skip_serializing_if = "is_default")]
    pub granularity: Granularity,
    /// Where a method on gradients takes them: at the shared `parameters` (the default), or
    /// at the `representation` that the heads read.
    #[serde(default, skip_serializing_if = "is_default")]
    pub at: GradientPlace,
    /// Wrappers around the method, the first outermost. Default none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub wrap: Vec<WrapConfig>,
    /// The method and its settings.
    #[serde(flatten, deserialize_with = "with_nearest")]
    pub method: MethodConfig,
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

impl BalanceConfig {
    /// What the method needs of a step.
    pub fn kind(&self) -> MethodKind {
        self.method.kind()
    }

    /// What heads receive, with `auto` resolved for the kind of method.
    pub fn head_gradients(&self) -> HeadGradients {
        match (self.heads, self.kind()) {
            (HeadGradients::Auto, MethodKind::Losses) => HeadGradients::Weighted,
            (HeadGradients::Auto, _) => HeadGradients::Raw,
            (given, _) => given,
        }
    }

    /// The method, ready for these tasks; random methods draw from the stream of seed 0.
    ///
    /// # Errors
    /// As [`BalanceConfig::build_with_seed`].
    pub fn build(&self, tasks: &[TaskInfo]) -> Result<Balance, BalanceError> {
        self.build_with_seed(tasks, 0)
    }

    /// The method, ready for these tasks; random methods draw from the stream of `seed`.
    ///
    /// Losses and gradients are given in the order of `tasks`.
    ///
    /// # Errors
    /// If there is no task, a name is given twice, a setting is out of range or names an
    /// unknown task, or one of the shared options has no meaning for the method.
    pub fn build_with_seed(&self, tasks: &[TaskInfo], seed: u64) -> Result<Balance, BalanceError> {
        check_tasks(tasks)?;
        let method = self.method.build(tasks, seed)?;
        self.check_options(&method)?;
        Ok(match method {
            Method::Losses(method) => {
                let method = WrapConfig::wrap_losses(&self.wrap, method, tasks)?;
                Balance::Losses(Balancer::new(method, self.normalize))
            }
            Method::Gramian(method) => {
                let method = WrapConfig::wrap_gramian(&self.wrap, method, tasks)?;
                Balance::Gradients(GradientBalancer::from_gramian(method, self.normalize))
            }
            Method::Gradients(method) => {
                if !self.wrap.is_empty() || self.normalize != Normalize::None {
                    let method = method.name();
                    return Err(BalanceError::WrapNeedsWeights { method });
                }
                Balance::Gradients(GradientBalancer::from_rows(method))
            }
        })
    }

    /// The method on losses, for a caller that has no gradients to offer.
    ///
    /// # Errors
    /// [`BalanceError::NotOnLosses`] for a method on gradients; else as
    /// [`BalanceConfig::build_with_seed`].
    pub fn build_losses(&self, tasks: &[TaskInfo], seed: u64) -> Result<Balancer, BalanceError> {
        match self.build_with_seed(tasks, seed)? {
            Balance::Losses(balancer) => Ok(balancer),
            Balance::Gradients(balancer) => Err(BalanceError::NotOnLosses {
                method: balancer.name(),
            }),
        }
    }

    /// The method on gradients, for one block of parameters; see
    /// [`BlockBalancer`](crate::BlockBalancer) for several.
    ///
    /// # Errors
    /// [`BalanceError::NotOnGradients`] for a method on losses; else as
    /// [`BalanceConfig::build_with_seed`].
    pub fn build_gradients(
        &self,
        tasks: &[TaskInfo],
        seed: u64,
    ) -> Result<GradientBalancer, BalanceError> {
        match self.build_with_seed(tasks, seed)? {
            Balance::Gradients(balancer) => Ok(balancer),
            Balance::Losses(balancer) => Err(BalanceError::NotOnGradients {
                method: balancer.name(),
            }),
        }
    }

    /// Refuses shared options that the method could only ignore.
    fn check_options(&self, method: &Method) -> Result<(), BalanceError> {
        let refuse = |setting, found: &str, expected| {
            Err(BalanceError::Setting {
                method: method.name(),
                setting,
                found: format!("`{found}`"),
                expected,
            })
        };
        let granularity = match self.granularity {
            Granularity::Encoder => None,
            Granularity::Layer => Some("layer"),
            Granularity::Tensor => Some("tensor"),
        };
        let at_representation = self.at == GradientPlace::Representation;
        if let Method::Losses(_) = method {
            if let Some(found) = granularity {
                let expected = "`encoder`, because it works on losses and sees no parameters";
                return refuse("granularity", found, expected);
            }
            if at_representation {
                let expected = "`parameters`, because it works on losses and takes no gradients";
                return refuse("at", "representation", expected);
            }
        }
        if at_representation && method.keeps_coordinates() {
            let expected = "`parameters`, because it averages each coordinate over steps and \
                            those of a representation belong to other examples in each";
            return refuse("at", "representation", expected);
        }
        if let (true, Some(found)) = (at_representation, granularity) {
            let expected = "`encoder`, because a representation has no layers or tensors";
            return refuse("granularity", found, expected);
        }
        if self.heads == HeadGradients::Weighted && !method.makes_weights() {
            let expected = "`raw`, because its direction has no weights";
            return refuse("heads", "weighted", expected);
        }
        Ok(())
    }
}
