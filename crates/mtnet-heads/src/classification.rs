//! Sequence classification: one label a text, from its pooled row.

use candle_core::Tensor;
use candle_nn::VarBuilder;
use mtnet_core::{Offsets, Target, TargetKind, TargetValues};
use mtnet_kernels::{Activation, Mode};
use mtnet_losses::{ClassificationLoss, ClassificationLossConfig, Reduction};
use mtnet_metrics::MetricSet;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::answer::{argmax, softmax};
use crate::layer::{check_dropout, default_dropout};
use crate::{Answer, HeadError, HeadLayer, HeadLoss, Link, Reads, TaskHead, TaskSpec};

/// Settings of the classification head.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ClassificationConfig {
    /// Probability of dropping a number of the pooled row. Default 0.1.
    pub dropout: f64,
    /// Activation of a dense layer before the classifier, as published classifiers have one.
    /// Default: no such layer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dense: Option<Activation>,
    /// What is minimised. Default cross-entropy.
    pub loss: ClassificationLossConfig,
}

impl Default for ClassificationConfig {
    fn default() -> Self {
        Self {
            dropout: default_dropout(),
            dense: None,
            loss: ClassificationLossConfig::default(),
        }
    }
}

/// A linear classifier over the pooled row.
#[derive(Debug)]
pub struct ClassificationHead {
    layer: HeadLayer,
    loss: ClassificationLoss,
    columns: usize,
}

const KIND: &str = "classification";

impl ClassificationHead {
    /// Makes or reads its parameters under `vb`.
    ///
    /// # Errors
    /// If there are fewer than two labels, a setting is out of range, or a checkpoint does not fit.
    pub fn new(
        spec: &TaskSpec,
        config: &ClassificationConfig,
        hidden: usize,
        vb: &VarBuilder,
    ) -> Result<Self, HeadError> {
        check_dropout(KIND, config.dropout)?;
        let columns = spec.labels.len();
        if columns < 2 {
            return Err(HeadError::TooFewColumns {
                kind: KIND,
                what: "labels",
                found: columns,
                expected: 2,
            });
        }
        let loss = config.loss.build(&spec.counts())?;
        Ok(Self {
            layer: HeadLayer::new(hidden, columns, config.dropout, vb)?
                .with_dense(config.dense, vb)?,
            loss,
            columns,
        })
    }
}

impl TaskHead for ClassificationHead {
    fn kind(&self) -> &'static str {
        KIND
    }

    fn reads(&self) -> Reads {
        Reads::Sequences
    }

    fn target_kind(&self) -> TargetKind {
        TargetKind::Label
    }

    fn forward(&self, rows: &Tensor, mode: &Mode) -> Result<Tensor, HeadError> {
        Ok(self.layer.forward(rows, mode)?)
    }

    fn loss(&self, scores: &Tensor, targets: &TargetValues) -> Result<HeadLoss, HeadError> {
        let TargetValues::Classes(classes) = targets else {
            return Err(HeadError::Mismatch {
                kind: KIND,
                expected: "one class a text",
                found: format!("{targets:?}"),
            });
        };
        Ok(HeadLoss {
            mean: self.loss.compute(scores, classes, Reduction::Mean)?,
            count: classes.len(),
        })
    }

    fn decode(&self, scores: &Tensor, _: Option<&Offsets>) -> Result<Vec<Answer>, HeadError> {
        let rows = scores.to_vec2::<f32>()?;
        Ok(rows
            .iter()
            .map(|row| Answer::Class {
                label: argmax(row),
                probabilities: softmax(row),
            })
            .collect())
    }

    fn link(&self) -> Option<Link> {
        Some(Link::Softmax)
    }

    fn metrics(&self, answers: &[Answer], targets: &[&Target]) -> Result<MetricSet, HeadError> {
        crate::evaluation::classes(KIND, self.columns, answers, targets)
    }

    fn classes(&self) -> Option<usize> {
        Some(self.columns)
    }
}
