//! Regression: one number or several for a text, from its pooled row.
//!
//! Targets are standardised with the mean and deviation of the training data, so that a loss and
//! a learning rate mean the same whatever unit the file uses; answers are in the file's unit.

use candle_core::Tensor;
use candle_nn::VarBuilder;
use mtnet_core::{Offsets, Target, TargetKind, TargetValues};
use mtnet_kernels::{Activation, Mode};
use mtnet_losses::{DenseTargets, Distillation, Reduction, RegressionLossConfig};
use mtnet_metrics::MetricSet;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::distillation::distance;
use crate::layer::{check_dropout, default_dropout};
use crate::{Answer, HeadError, HeadLayer, HeadLoss, Reads, TaskHead, TaskSpec};

/// Settings of the regression head.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct RegressionConfig {
    /// Probability of dropping a number of the pooled row. Default 0.1.
    pub dropout: f64,
    /// Activation of a dense layer before the classifier, as published classifiers have one.
    /// Default: no such layer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dense: Option<Activation>,
    /// What is minimised. Default mean squared error.
    pub loss: RegressionLossConfig,
    /// Subtracted from each target before the loss; the training data's mean where absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shift: Option<Vec<f64>>,
    /// Each target is divided by it before the loss; the training data's deviation where absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scale: Option<Vec<f64>>,
}

impl Default for RegressionConfig {
    fn default() -> Self {
        Self {
            dropout: default_dropout(),
            dense: None,
            loss: RegressionLossConfig::default(),
            shift: None,
            scale: None,
        }
    }
}

/// A linear map of the pooled row.
#[derive(Debug)]
pub struct RegressionHead {
    layer: HeadLayer,
    loss: RegressionLossConfig,
    names: Vec<String>,
    shift: Vec<f64>,
    scale: Vec<f64>,
}

const KIND: &str = "regression";

impl RegressionHead {
    /// Makes or reads its parameters under `vb`.
    ///
    /// # Errors
    /// If there is no target, a setting is out of range, or a checkpoint does not fit.
    pub fn new(
        spec: &TaskSpec,
        config: &RegressionConfig,
        hidden: usize,
        vb: &VarBuilder,
    ) -> Result<Self, HeadError> {
        check_dropout(KIND, config.dropout)?;
        config.loss.check()?;
        let columns = spec.labels.len();
        if columns == 0 {
            return Err(HeadError::TooFewColumns {
                kind: KIND,
                what: "targets",
                found: 0,
                expected: 1,
            });
        }
        let numbers =
            |name: &str, given: &Option<Vec<f64>>, default: f64, fits: fn(f64) -> bool| {
                let values = given.clone().unwrap_or_else(|| vec![default; columns]);
                if values.len() == columns && values.iter().all(|&value| fits(value)) {
                    return Ok(values);
                }
                Err(HeadError::Settings {
                    kind: KIND.to_owned(),
                    message: format!(
                        "{name} is {values:?}, expected {columns} usable numbers, one a target"
                    ),
                })
            };
        Ok(Self {
            layer: HeadLayer::new(hidden, columns, config.dropout, vb)?
                .with_dense(config.dense, vb)?,
            loss: config.loss.clone(),
            names: spec.labels.clone(),
            shift: numbers("shift", &config.shift, 0.0, f64::is_finite)?,
            scale: numbers("scale", &config.scale, 1.0, |scale| {
                scale.is_finite() && scale > 0.0
            })?,
        })
    }
}

impl RegressionHead {
    /// Numbers `(rows, targets)` of the data in the unit of the scores.
    fn standardised<'a>(&'a self, values: &'a [f32]) -> impl Iterator<Item = f64> + 'a {
        let columns = self.shift.len();
        let places = (0..columns).cycle();
        places
            .zip(values)
            .map(|(at, &value)| (f64::from(value) - self.shift[at]) / self.scale[at])
    }
}

impl TaskHead for RegressionHead {
    fn kind(&self) -> &'static str {
        KIND
    }

    fn reads(&self) -> Reads {
        Reads::Sequences
    }

    fn target_kind(&self) -> TargetKind {
        TargetKind::Numbers
    }

    fn forward(&self, rows: &Tensor, mode: &Mode) -> Result<Tensor, HeadError> {
        Ok(self.layer.forward(rows, mode)?)
    }

    fn loss(&self, scores: &Tensor, targets: &TargetValues) -> Result<HeadLoss, HeadError> {
        let TargetValues::Numbers { width, values } = targets else {
            return Err(HeadError::Mismatch {
                kind: KIND,
                expected: "numbers for a text",
                found: format!("{targets:?}"),
            });
        };
        let columns = self.shift.len();
        if *width != columns {
            return Err(HeadError::Mismatch {
                kind: KIND,
                expected: "one number a target",
                found: format!("{width} numbers for {columns} targets"),
            });
        }
        let standardised: Vec<f64> = self.standardised(values).collect();
        let targets = DenseTargets::nan_is_missing(&standardised, columns)?;
        let labelled = |row: &[f32]| row.iter().any(|value| !value.is_nan());
        let count = values
            .chunks_exact(columns)
            .filter(|row| labelled(row))
            .count();
        Ok(HeadLoss {
            mean: self.loss.compute(scores, &targets, Reduction::Mean)?,
            count,
        })
    }

    fn distillation_loss(
        &self,
        scores: &Tensor,
        teacher: &[f32],
        settings: &Distillation,
    ) -> Result<Tensor, HeadError> {
        let teacher: Vec<f32> = self.standardised(teacher).map(|v| v as f32).collect();
        distance(self.target_kind(), scores, &teacher, settings)
    }

    fn decode(&self, scores: &Tensor, _: Option<&Offsets>) -> Result<Vec<Answer>, HeadError> {
        let rows = scores.to_vec2::<f32>()?;
        let restore = |(column, score): (usize, &f32)| {
            (f64::from(*score) * self.scale[column] + self.shift[column]) as f32
        };
        Ok(rows
            .iter()
            .map(|row| Answer::Numbers {
                values: row.iter().enumerate().map(restore).collect(),
            })
            .collect())
    }

    fn metrics(&self, answers: &[Answer], targets: &[&Target]) -> Result<MetricSet, HeadError> {
        crate::evaluation::regression(KIND, &self.names, answers, targets)
    }

    fn classes(&self) -> Option<usize> {
        None
    }
}
