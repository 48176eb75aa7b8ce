//! The optimizer as a run file states it, in the names that users of trainers know.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::OptimizerError;

/// Which update rule moves the weights.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum OptimizerKind {
    /// Adam with decoupled weight decay (Loshchilov and Hutter 2019).
    #[default]
    AdamW,
    /// Stochastic gradient descent with momentum; weight decay is added to the gradient.
    Sgd,
}

/// Update rule, rates and clipping.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct OptimizerConfig {
    /// The update rule: `adamw` (default) or `sgd`.
    pub optimizer: OptimizerKind,
    /// Peak learning rate, before the schedule's factor. Default 5e-5.
    pub learning_rate: f64,
    /// Peak learning rate of the task heads (parameters named `heads.…`); as
    /// `learning_rate` where not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub head_learning_rate: Option<f64>,
    /// Factor in (0, 1] by which the learning rate shrinks from one encoder layer to the one
    /// below it; none by default.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub layerwise_decay: Option<f64>,
    /// Weight decay of all parameters but biases and norm weights. Default 0.01.
    pub weight_decay: f64,
    /// Whether rows of embedding tables that no token of a step read are left as they are: neither
    /// moved by what earlier gradients left, nor decayed ("lazy Adam"). A step then costs nothing for
    /// words that do not occur in it. Needs parameters in main memory. Default false.
    #[serde(skip_serializing_if = "is_false")]
    pub lazy_embeddings: bool,
    /// AdamW: decay of the average of gradients, in [0, 1). Default 0.9.
    pub adam_beta1: f64,
    /// AdamW: decay of the average of squared gradients, in [0, 1). Default 0.999.
    pub adam_beta2: f64,
    /// AdamW: what is added to the root of the second moment. Default 1e-8.
    pub adam_epsilon: f64,
    /// SGD: momentum, in [0, 1). Default 0.9.
    pub sgd_momentum: f64,
    /// SGD: Nesterov's momentum. Default false.
    pub sgd_nesterov: bool,
    /// Largest 2-norm of the gradient of all parameters together; a longer one is scaled down
    /// to it. 0 turns clipping off. Default 1.
    pub max_grad_norm: f64,
    /// What `max_grad_norm` is the length of: the gradient of all parameters together (`global`,
    /// default), or that of the encoder and of each head by itself (`group`).
    #[serde(skip_serializing_if = "ClipBy::is_global")]
    pub clip_by: ClipBy,
    /// Adaptive clipping of the encoder: the gradient of each unit is cut to this share of the
    /// length of its weights, such as 0.01 (Brock et al. 2021, §4.1). None by default.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub adaptive_clipping: Option<f64>,
}

fn is_false(value: &bool) -> bool {
    !value
}

/// Which gradients are clipped together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum ClipBy {
    /// That of all parameters, by one factor.
    #[default]
    Global,
    /// That of the encoder and that of each head, each by its own factor.
    Group,
}

impl ClipBy {
    fn is_global(&self) -> bool {
        *self == Self::Global
    }
}

impl Default for OptimizerConfig {
    fn default() -> Self {
        Self {
            optimizer: OptimizerKind::AdamW,
            learning_rate: 5e-5,
            head_learning_rate: None,
            layerwise_decay: None,
            weight_decay: 0.01,
            lazy_embeddings: false,
            adam_beta1: 0.9,
            adam_beta2: 0.999,
            adam_epsilon: 1e-8,
            sgd_momentum: 0.9,
            sgd_nesterov: false,
            max_grad_norm: 1.0,
            clip_by: ClipBy::Global,
            adaptive_clipping: None,
        }
    }
}

impl OptimizerConfig {
    /// Checks every number against its range.
    ///
    /// # Errors
    /// [`OptimizerError::Setting`], naming the first setting that is out of range.
    pub fn check(&self) -> Result<(), OptimizerError> {
        let decay = |value: f64| (0.0..1.0).contains(&value);
        let rate = |value: f64| value.is_finite() && value >= 0.0;
        let number = "a finite number, at least 0";
        let share = "a number in [0, 1)";
        let settings = [
            (
                "learning_rate",
                self.learning_rate,
                rate(self.learning_rate),
                number,
            ),
            (
                "head_learning_rate",
                self.head_learning_rate.unwrap_or(0.0),
                rate(self.head_learning_rate.unwrap_or(0.0)),
                number,
            ),
            (
                "layerwise_decay",
                self.layerwise_decay.unwrap_or(1.0),
                self.layerwise_decay
                    .is_none_or(|decay| decay > 0.0 && decay <= 1.0),
                "a number in (0, 1]",
            ),
            (
                "weight_decay",
                self.weight_decay,
                rate(self.weight_decay),
                number,
            ),
            ("adam_beta1", self.adam_beta1, decay(self.adam_beta1), share),
            ("adam_beta2", self.adam_beta2, decay(self.adam_beta2), share),
            (
                "adam_epsilon",
                self.adam_epsilon,
                self.adam_epsilon.is_finite() && self.adam_epsilon > 0.0,
                "a finite number above 0",
            ),
            (
                "sgd_momentum",
                self.sgd_momentum,
                decay(self.sgd_momentum),
                share,
            ),
            (
                "max_grad_norm",
                self.max_grad_norm,
                rate(self.max_grad_norm),
                number,
            ),
            (
                "adaptive_clipping",
                self.adaptive_clipping.unwrap_or(1.0),
                self.adaptive_clipping
                    .is_none_or(|share| share > 0.0 && share.is_finite()),
                "a finite number above 0",
            ),
        ];
        for (setting, found, fits, expected) in settings {
            if !fits {
                return Err(OptimizerError::Setting {
                    setting,
                    found,
                    expected,
                });
            }
        }
        if self.sgd_nesterov && self.sgd_momentum == 0.0 {
            return Err(OptimizerError::Setting {
                setting: "sgd_momentum",
                found: 0.0,
                expected: "a number in (0, 1) where `sgd_nesterov` is true",
            });
        }
        Ok(())
    }
}
