//! Multi-label classification: any number of labels a text, each by its own yes or no.

use candle_core::Tensor;
use candle_nn::VarBuilder;
use mtnet_core::{Offsets, Target, TargetKind, TargetValues};
use mtnet_kernels::{Activation, Mode};
use mtnet_losses::{DenseTargets, MultiLabelLoss, MultiLabelLossConfig, Reduction};
use mtnet_metrics::MetricSet;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::answer::sigmoid;
use crate::layer::{check_dropout, default_dropout};
use crate::{Answer, HeadError, HeadLayer, HeadLoss, Link, Reads, TaskHead, TaskSpec};

/// Settings of the multi-label head.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct MultiLabelConfig {
    /// Probability of dropping a number of the pooled row. Default 0.1.
    pub dropout: f64,
    /// Activation of a dense layer before the classifier, as published classifiers have one.
    /// Default: no such layer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dense: Option<Activation>,
    /// What is minimised. Default binary cross-entropy, summed over labels of no weight.
    pub loss: MultiLabelLossConfig,
    /// Probability from which a label is answered. Default 0.5.
    pub threshold: f32,
}

impl Default for MultiLabelConfig {
    fn default() -> Self {
        Self {
            dropout: default_dropout(),
            dense: None,
            loss: MultiLabelLossConfig::default(),
            threshold: 0.5,
        }
    }
}

/// A logistic classifier a label over the pooled row.
#[derive(Debug)]
pub struct MultiLabelHead {
    layer: HeadLayer,
    loss: MultiLabelLoss,
    columns: usize,
    threshold: f32,
}

const KIND: &str = "multi-label";

impl MultiLabelHead {
    /// Makes or reads its parameters under `vb`.
    ///
    /// # Errors
    /// If there is no label, a setting is out of range, or a checkpoint does not fit.
    pub fn new(
        spec: &TaskSpec,
        config: &MultiLabelConfig,
        hidden: usize,
        vb: &VarBuilder,
    ) -> Result<Self, HeadError> {
        check_dropout(KIND, config.dropout)?;
        if !(0.0..=1.0).contains(&config.threshold) {
            return Err(HeadError::Settings {
                kind: KIND.to_owned(),
                message: format!(
                    "threshold is {}, expected a probability from 0 to 1",
                    config.threshold
                ),
            });
        }
        let columns = spec.labels.len();
        if columns == 0 {
            return Err(HeadError::TooFewColumns {
                kind: KIND,
                what: "labels",
                found: 0,
                expected: 1,
            });
        }
        Ok(Self {
            layer: HeadLayer::new(hidden, columns, config.dropout, vb)?
                .with_dense(config.dense, vb)?,
            loss: config
                .loss
                .build(&spec.counts(), spec.train_examples.max(1))?,
            columns,
            threshold: config.threshold,
        })
    }
}

impl TaskHead for MultiLabelHead {
    fn kind(&self) -> &'static str {
        KIND
    }

    fn reads(&self) -> Reads {
        Reads::Sequences
    }

    fn target_kind(&self) -> TargetKind {
        TargetKind::Labels
    }

    fn forward(&self, rows: &Tensor, mode: &Mode) -> Result<Tensor, HeadError> {
        Ok(self.layer.forward(rows, mode)?)
    }

    fn loss(&self, scores: &Tensor, targets: &TargetValues) -> Result<HeadLoss, HeadError> {
        let TargetValues::MultiLabel { width, values } = targets else {
            return Err(HeadError::Mismatch {
                kind: KIND,
                expected: "ones and zeros for every label",
                found: format!("{targets:?}"),
            });
        };
        let targets = DenseTargets::new(values, *width)?;
        let count = targets.rows();
        Ok(HeadLoss {
            mean: self.loss.compute(scores, &targets, Reduction::Mean)?,
            count,
        })
    }

    fn decode(&self, scores: &Tensor, _: Option<&Offsets>) -> Result<Vec<Answer>, HeadError> {
        let rows = scores.to_vec2::<f32>()?;
        Ok(rows
            .iter()
            .map(|row| {
                let probabilities: Vec<f32> = row.iter().map(|&score| sigmoid(score)).collect();
                let chosen = |column: &u32| probabilities[*column as usize] >= self.threshold;
                let labels = (0..row.len() as u32).filter(chosen).collect();
                Answer::Labels {
                    labels,
                    probabilities,
                }
            })
            .collect())
    }

    fn link(&self) -> Option<Link> {
        Some(Link::Sigmoid)
    }

    fn metrics(&self, answers: &[Answer], targets: &[&Target]) -> Result<MetricSet, HeadError> {
        crate::evaluation::multi_label(KIND, self.columns, answers, targets)
    }

    fn classes(&self) -> Option<usize> {
        // Every label is a choice between two.
        Some(2)
    }
}
