//! What a checkpoint holds beside weights and moments: everything the next step depends on.

use mtnet_balance::BalanceState;
use mtnet_data::LoaderPosition;
use serde::{Deserialize, Serialize};

use super::window::LogWindow;
use super::{DiagnosticsState, Lifecycle, Plateau, Recovery, SplitMetrics};
use crate::monitor::MonitorState;

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
    /// What the monitors have seen.
    #[serde(default)]
    pub monitor: MonitorState,
    /// What the learning rate is multiplied by since the score no longer rises.
    #[serde(default)]
    pub plateau: Plateau,
    /// Which tasks rest.
    #[serde(default)]
    pub lifecycle: Lifecycle,
    /// How many weights stand in the averages.
    #[serde(default)]
    pub averaged: u64,
    /// What became of values that are not finite.
    #[serde(default)]
    pub recovery: Recovery,
    /// What happened since the last line of the log.
    #[serde(default)]
    pub window: LogWindow,
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
