//! Token classification: one tag a word, read from the row of its first subword.
//!
//! The reading of words by their first subword is that of BERT's tagger (Devlin et al. 2019, §5.3).

use candle_core::Tensor;
use candle_nn::VarBuilder;
use mtnet_core::{IGNORED_TAG, Offsets, Target, TargetKind, TargetValues};
use mtnet_kernels::Mode;
use mtnet_losses::{ClassificationLoss, ClassificationLossConfig, Reduction};
use mtnet_metrics::MetricSet;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::answer::{argmax, softmax};
use crate::layer::{check_dropout, default_dropout};
use crate::{
    Answer, BioConstraint, HeadError, HeadLayer, HeadLoss, Link, Reads, TaskHead, TaskSpec,
};

/// Settings of the token classification head.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct TokenClassificationConfig {
    /// Probability of dropping a number of a word's row. Default 0.1.
    pub dropout: f64,
    /// What is minimised. Default cross-entropy.
    pub loss: ClassificationLossConfig,
    /// Whether labels in the BIO scheme are decoded so that no entity begins with `I-`. Default true.
    pub constrained: bool,
}

impl Default for TokenClassificationConfig {
    fn default() -> Self {
        Self {
            dropout: default_dropout(),
            loss: ClassificationLossConfig::default(),
            constrained: true,
        }
    }
}

/// A linear classifier over each word's row.
#[derive(Debug)]
pub struct TokenClassificationHead {
    layer: HeadLayer,
    loss: ClassificationLoss,
    labels: Vec<String>,
    entities: bool,
    constraint: Option<BioConstraint>,
}

const KIND: &str = "token-classification";

impl TokenClassificationHead {
    /// Makes or reads its parameters under `vb`.
    ///
    /// # Errors
    /// If there are fewer than two labels, a setting is out of range, or a checkpoint does not fit.
    pub fn new(
        spec: &TaskSpec,
        config: &TokenClassificationConfig,
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
        let constraint = BioConstraint::from_labels(&spec.labels);
        Ok(Self {
            layer: HeadLayer::new(hidden, columns, config.dropout, vb)?,
            loss: config.loss.build(&spec.counts())?,
            labels: spec.labels.clone(),
            entities: constraint.is_some(),
            constraint: constraint.filter(|_| config.constrained),
        })
    }
}

impl TaskHead for TokenClassificationHead {
    fn kind(&self) -> &'static str {
        KIND
    }

    fn reads(&self) -> Reads {
        Reads::Words
    }

    fn target_kind(&self) -> TargetKind {
        TargetKind::Tags
    }

    fn forward(&self, rows: &Tensor, mode: &Mode) -> Result<Tensor, HeadError> {
        Ok(self.layer.forward(rows, mode)?)
    }

    fn loss(&self, scores: &Tensor, targets: &TargetValues) -> Result<HeadLoss, HeadError> {
        let TargetValues::Tags(tags) = targets else {
            return Err(HeadError::Mismatch {
                kind: KIND,
                expected: "one tag a word",
                found: format!("{targets:?}"),
            });
        };
        let count = tags.iter().filter(|&&tag| tag != IGNORED_TAG).count();
        Ok(HeadLoss {
            mean: self.loss.compute(scores, tags, Reduction::Mean)?,
            count,
        })
    }

    fn decode(&self, scores: &Tensor, words: Option<&Offsets>) -> Result<Vec<Answer>, HeadError> {
        let (rows, columns) = scores.dims2()?;
        let Some(words) = words.filter(|words| words.total() == rows) else {
            let found = match words {
                Some(words) => format!("borders of {} words for {rows} rows", words.total()),
                None => "none".to_owned(),
            };
            return Err(HeadError::Mismatch {
                kind: KIND,
                expected: "borders of the sequences in its words",
                found,
            });
        };
        let scores: Vec<f32> = scores.flatten_all()?.to_vec1()?;
        let tags_of = |scores: &[f32]| -> Vec<u32> {
            match &self.constraint {
                Some(constraint) => {
                    let logs: Vec<f32> =
                        scores.chunks_exact(columns).flat_map(log_softmax).collect();
                    constraint.decode(&logs, columns)
                }
                None => scores.chunks_exact(columns).map(argmax).collect(),
            }
        };
        Ok(words
            .ranges()
            .map(|range| {
                let scores = &scores[range.start * columns..range.end * columns];
                let tags = tags_of(scores);
                let chosen = scores.chunks_exact(columns).zip(&tags);
                let probabilities = chosen
                    .map(|(row, &tag)| softmax(row)[tag as usize])
                    .collect();
                Answer::Tags {
                    tags,
                    probabilities,
                }
            })
            .collect())
    }

    fn link(&self) -> Option<Link> {
        Some(Link::Softmax)
    }

    fn metrics(&self, answers: &[Answer], targets: &[&Target]) -> Result<MetricSet, HeadError> {
        crate::evaluation::tags(KIND, &self.labels, self.entities, answers, targets)
    }

    fn classes(&self) -> Option<usize> {
        Some(self.labels.len())
    }
}

fn log_softmax(row: &[f32]) -> Vec<f32> {
    let largest = row.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let sum: f32 = row.iter().map(|score| (score - largest).exp()).sum();
    row.iter().map(|score| score - largest - sum.ln()).collect()
}
