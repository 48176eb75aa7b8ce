//! The `[train]` table, in the names that users of trainers know.

use mtnet_kernels::Precision;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::optimizer::OptimizerConfig;
use crate::schedule::ScheduleConfig;

/// Length, batches, optimizer, schedule, evaluation and saving of a run.
///
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct TrainConfig {
    /// Passes over the training data. Default 3.
    pub epochs: f64,
    /// Optimizer steps; overrides `epochs`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_steps: Option<u64>,
    /// Tokens a batch holds at most; a longer text goes alone. Default 1024.
    pub batch_tokens: usize,
    /// Examples a batch holds, instead of a number of tokens.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub batch_size: Option<usize>,
    /// Batches whose gradients are summed into one optimizer step. Default 1.
    pub gradient_accumulation_steps: usize,
    /// Optimizer and clipping.
    #[serde(flatten)]
    pub optimizer: OptimizerConfig,
    /// Learning rate over the steps.
    #[serde(flatten)]
    pub schedule: ScheduleConfig,
    /// When the development set is scored. Default each epoch.
    pub eval_strategy: EvalStrategy,
    /// Steps from one evaluation to the next under `eval_strategy = "steps"`. Default 500.
    pub eval_steps: u64,
    /// Tokens of a batch without gradients. Default 4096.
    pub eval_batch_tokens: usize,
    /// Steps from one line of losses to the next. Default 20.
    pub logging_steps: u64,
    /// Steps from one checkpoint to the next; one is also written at every evaluation. Default:
    /// at evaluations only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub save_steps: Option<u64>,
    /// Checkpoints that are kept, the best one besides. Default 1.
    pub save_total_limit: usize,
    /// Evaluations without a better score before the run ends; never by default.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub early_stopping_patience: Option<usize>,
    /// The run ends once the selection metric on the development set is at least this.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target_metric: Option<f64>,
    /// The selection metric: `mean` of each task's main metric (default), or `<task>` or
    /// `<task>.<metric>`.
    pub metric_for_best_model: String,
    /// Steps from one look at each task's own gradient of the shared parameters to the next, for
    /// methods that do not take them anyway; 0 for none. Default 100.
    pub gradient_stats_steps: u64,
    /// Weight of R-Drop, the divergence between what two dropout masks make of one text; doubles
    /// the cost of a step. None by default.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub r_drop: Option<f64>,
    /// Scores and keeps a moving average of the weights with this decay, such as 0.999. None by
    /// default.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ema_decay: Option<f64>,
    /// Scores and keeps the plain average of the weights from this share of the steps on, such as
    /// 0.75 (stochastic weight averaging). None by default.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub swa_start: Option<f64>,
    /// Steps from one encoder layer that begins to learn to the one below it: at first heads learn
    /// alone, then the top layer joins, and so on. By default all learn from the start.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unfreeze_steps: Option<u64>,
    /// Evaluations without a better score after which the learning rate is multiplied by
    /// `plateau_factor`; never by default.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub plateau_patience: Option<usize>,
    /// What the learning rate is multiplied by then, between 0 and 1. Default 0.5.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub plateau_factor: Option<f64>,
    /// How finely cosines of gradients are reported: `encoder` (default) or `layer`.
    pub gradient_stats: GradientStats,
    /// Numbers that the encoder's products take: `f32` (default), or `bf16` for transformers on a
    /// CPU. Weights, their moments, sums, norms and softmax stay in `f32`.
    pub precision: TrainPrecision,
    /// Whether probabilities are calibrated at the end: a temperature for each task, fitted on the
    /// development data and kept in the model folder. Labels stay as they are. Default true.
    pub calibrate: bool,
    /// Whether a finished run keeps what it answered for the development and the test data, in
    /// `predictions-dev.jsonl` and `predictions-test.jsonl`, which hold the texts. Default true.
    pub save_predictions: bool,
    /// Where events go beside `metrics.jsonl`. Default nowhere.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub report_to: Vec<ReportTo>,
    /// Threads; all cores where not given. Results do not depend on it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub threads: Option<usize>,
}

/// Numbers that the products of a training step take.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum TrainPrecision {
    /// 32-bit floating point.
    #[default]
    F32,
    /// Operands rounded to bf16.
    Bf16,
}

impl From<TrainPrecision> for Precision {
    fn from(precision: TrainPrecision) -> Self {
        match precision {
            TrainPrecision::F32 => Self::F32,
            TrainPrecision::Bf16 => Self::Bf16,
        }
    }
}

/// How finely cosines of gradients are reported.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum GradientStats {
    /// Over all shared parameters.
    #[default]
    Encoder,
    /// For each encoder layer as well.
    Layer,
}

/// Where events go beside `metrics.jsonl`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum ReportTo {
    /// TensorBoard's event files in `tb/` of the run folder.
    Tensorboard,
    /// A tracking server of MLflow: the one that `MLFLOW_TRACKING_URI` names.
    Mlflow,
}

/// When the development set is scored.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum EvalStrategy {
    /// After each epoch.
    #[default]
    Epoch,
    /// Every `eval_steps` steps.
    Steps,
    /// Never; the last weights are kept.
    No,
}

impl Default for TrainConfig {
    fn default() -> Self {
        Self {
            epochs: 3.0,
            max_steps: None,
            batch_tokens: 1024,
            batch_size: None,
            gradient_accumulation_steps: 1,
            optimizer: OptimizerConfig::default(),
            schedule: ScheduleConfig::default(),
            eval_strategy: EvalStrategy::Epoch,
            eval_steps: 500,
            eval_batch_tokens: 4096,
            logging_steps: 20,
            save_steps: None,
            save_total_limit: 1,
            early_stopping_patience: None,
            target_metric: None,
            metric_for_best_model: "mean".to_owned(),
            gradient_stats_steps: 100,
            r_drop: None,
            ema_decay: None,
            swa_start: None,
            unfreeze_steps: None,
            plateau_patience: None,
            plateau_factor: None,
            gradient_stats: GradientStats::Encoder,
            precision: TrainPrecision::F32,
            calibrate: true,
            save_predictions: true,
            report_to: Vec::new(),
            threads: None,
        }
    }
}
