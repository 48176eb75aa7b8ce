//! What a checkpoint holds beside weights and moments: everything the next step depends on.

use mtnet_balance::BalanceState;
use mtnet_data::LoaderPosition;
use serde::{Deserialize, Serialize};

use super::{DiagnosticsState, SplitMetrics};

/// `trainer_state.json`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct TrainerState {
    /// Optimizer steps done.
    pub global_step: u64,
    /// The next batch.
    pub position: LoaderPosition,
    /// The best selection score so far, and the step it belongs to.
    pub best: Option<Best>,
    /// Evaluations since the best one.
    pub evaluations_since_best: usize,
    /// What the balancing method learned.
    pub balance: BalanceState,
    /// What was seen of the tasks' gradients.
    #[serde(default)]
    pub gradients: DiagnosticsState,
    /// Tokens read by training steps.
    pub tokens: u64,
    /// Seconds spent before this checkpoint.
    pub seconds: f64,
    /// Hash of everything in the run file that the weights depend on.
    pub run_hash: String,
}

/// The best evaluation so far.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Best {
    /// Its selection score.
    pub score: f64,
    /// Steps done before it.
    pub step: u64,
    /// Its scores on the development data.
    #[serde(deserialize_with = "crate::events::float::nested")]
    pub metrics: SplitMetrics,
}
