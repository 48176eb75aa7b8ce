//! What a log says of the tasks' gradients.

use std::collections::BTreeMap;

use mtnet_core::TaskName;
use serde::{Deserialize, Serialize};

/// The gradients since the last event of this kind.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BalanceEvent {
    /// Steps done before it.
    pub step: u64,
    /// Means since the last such event.
    #[serde(flatten)]
    pub summary: BalanceSummary,
}

/// Means over the looks at the tasks' gradients of the shared parameters.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct BalanceSummary {
    /// How many steps were looked at.
    pub samples: u64,
    /// Each task that was seen.
    pub tasks: BTreeMap<TaskName, TaskGradientStats>,
    /// Each pair of tasks that was seen in one step.
    pub pairs: Vec<PairGradientStats>,
    /// The pairs' mean cosines by encoder layer, where that was asked for.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub layers: BTreeMap<String, Vec<PairGradientStats>>,
}

/// Means of one task.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TaskGradientStats {
    /// Looks that it was in.
    pub samples: u64,
    /// 2-norm of its unweighted gradient.
    pub gradient_norm: f64,
    /// Its weight, where the method gives weights.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub weight: Option<f64>,
    /// Its share of the combined gradient, where the method gives weights.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub share: Option<f64>,
}

/// Means of two tasks.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PairGradientStats {
    /// The two, in the order of the run file.
    pub tasks: [TaskName; 2],
    /// Looks that both were in.
    pub samples: u64,
    /// Cosine of their gradients.
    pub cosine: f64,
    /// Share of the looks with a cosine below 0.
    pub conflict_rate: f64,
}
