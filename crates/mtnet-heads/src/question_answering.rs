//! Question answering: the first text of a pair asks, and a span of the second answers.
//!
//! A row of the passage has two scores, that of being the answer's first token and that of being its
//! last; an answer scores the sum of both. The sequence's first token stands for *no answer here*.
//! Devlin et al. 2019, §4.2 and §4.3 (<https://arxiv.org/abs/1810.04805>): training learns the two
//! rows, the first token's where a window does not hold the answer; the best span whose end is not
//! before its beginning is the answer, or none, where the first token scores better by more than a
//! threshold.

use candle_core::Tensor;
use candle_nn::VarBuilder;
use mtnet_core::{Offsets, Target, TargetKind, TargetValues};
use mtnet_kernels::Mode;
use mtnet_losses::{Distillation, span_cross_entropy, symmetric_span_kl};
use mtnet_metrics::MetricSet;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::layer::{check_dropout, default_dropout};
use crate::{
    Answer, HeadError, HeadLayer, HeadLoss, Reads, SpanScore, TaskHead, TaskSpec, answer_spans,
};

/// Settings of the question answering head.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct QuestionAnsweringConfig {
    /// Probability of dropping a number of a token's row. Default 0.1.
    pub dropout: f64,
    /// Tokens of an answer at most. Default 30.
    pub max_answer_tokens: usize,
    /// Tokens that neighbouring windows of a text share which is longer than the encoder reads; at
    /// most half of what a window holds of it. Default 64.
    pub overlap: usize,
    /// Answers that a prediction lists, the best first. Default 1.
    pub n_best: usize,
    /// By how much *no answer* must score better than the best span to be the answer. Fitted on the
    /// development data where some of its questions have no answer; without it, a span is always
    /// answered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub null_threshold: Option<f64>,
    /// What an answer is compared by: `words` (default) as SQuAD does, or `characters` as CMRC 2018
    /// does, for scripts without blanks between words.
    pub scoring: AnswerScoring,
}

/// What answers are compared by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum AnswerScoring {
    /// Words between blanks, as the scripts of SQuAD.
    #[default]
    Words,
    /// Chinese characters one by one, as the script of CMRC 2018.
    Characters,
}

impl Default for QuestionAnsweringConfig {
    fn default() -> Self {
        Self {
            dropout: default_dropout(),
            max_answer_tokens: 30,
            overlap: 64,
            n_best: 1,
            null_threshold: None,
            scoring: AnswerScoring::Words,
        }
    }
}

/// What its two columns are called.
pub const SPAN_COLUMNS: [&str; 2] = ["start", "end"];

/// Two linear maps of each row of a passage. A bias would be added to every row alike, and so change
/// neither a softmax over rows nor the order of spans, and *no answer* least of all.
#[derive(Debug)]
pub struct QuestionAnsweringHead {
    layer: HeadLayer,
    config: QuestionAnsweringConfig,
}

const KIND: &str = "question-answering";

impl QuestionAnsweringHead {
    /// Makes or reads its parameters under `vb`.
    ///
    /// # Errors
    /// If the task's columns are not [`SPAN_COLUMNS`], a setting is out of range, or a checkpoint
    /// does not fit.
    pub fn new(
        spec: &TaskSpec,
        config: &QuestionAnsweringConfig,
        hidden: usize,
        vb: &VarBuilder,
    ) -> Result<Self, HeadError> {
        check_dropout(KIND, config.dropout)?;
        let refuse = |message: String| HeadError::Settings {
            kind: KIND.to_owned(),
            message,
        };
        if spec.labels != SPAN_COLUMNS {
            return Err(refuse(format!(
                "its columns are {:?}, expected {SPAN_COLUMNS:?}; it takes no `labels`",
                spec.labels
            )));
        }
        for (name, value) in [
            ("max_answer_tokens", config.max_answer_tokens),
            ("n_best", config.n_best),
        ] {
            if value == 0 {
                return Err(refuse(format!("{name} is 0, expected at least 1")));
            }
        }
        if let Some(threshold) = config.null_threshold.filter(|value| !value.is_finite()) {
            return Err(refuse(format!(
                "null_threshold is {threshold}, expected a finite number such as 0.0"
            )));
        }
        Ok(Self {
            layer: HeadLayer::without_bias(hidden, SPAN_COLUMNS.len(), config.dropout, vb)?,
            config: config.clone(),
        })
    }

    fn mismatch(expected: &'static str, found: String) -> HeadError {
        HeadError::Mismatch {
            kind: KIND,
            expected,
            found,
        }
    }
}

impl TaskHead for QuestionAnsweringHead {
    fn kind(&self) -> &'static str {
        KIND
    }

    fn reads(&self) -> Reads {
        Reads::Passages
    }

    fn target_kind(&self) -> TargetKind {
        TargetKind::Spans
    }

    fn forward(&self, rows: &Tensor, mode: &Mode) -> Result<Tensor, HeadError> {
        Ok(self.layer.forward(rows, mode)?)
    }

    fn loss(&self, scores: &Tensor, targets: &TargetValues) -> Result<HeadLoss, HeadError> {
        let TargetValues::Spans { passages, bounds } = targets else {
            return Err(Self::mismatch("answers", format!("{targets:?}")));
        };
        let count = passages.ranges().filter(|range| !range.is_empty()).count();
        Ok(HeadLoss {
            mean: span_cross_entropy(scores, passages.as_slice(), bounds)?,
            count,
        })
    }

    fn divergence(
        &self,
        first: &Tensor,
        second: &Tensor,
        targets: &TargetValues,
    ) -> Result<Tensor, HeadError> {
        let TargetValues::Spans { passages, .. } = targets else {
            return Err(Self::mismatch("answers", format!("{targets:?}")));
        };
        Ok(symmetric_span_kl(first, second, passages.as_slice())?)
    }

    fn distillation_loss(
        &self,
        _: &Tensor,
        _: &[f32],
        _: &Distillation,
    ) -> Result<Tensor, HeadError> {
        Err(HeadError::Settings {
            kind: KIND.to_owned(),
            message: "it takes no `teacher`: windows of another tokenizer hold other rows"
                .to_owned(),
        })
    }

    fn decode(&self, scores: &Tensor, rows: Option<&Offsets>) -> Result<Vec<Answer>, HeadError> {
        let (count, _) = scores.dims2()?;
        let Some(rows) = rows.filter(|rows| rows.total() == count) else {
            let found = match rows {
                Some(rows) => format!("borders of {} rows for {count}", rows.total()),
                None => "none".to_owned(),
            };
            return Err(Self::mismatch(
                "borders of the sequences in its rows",
                found,
            ));
        };
        let scores = scores.to_vec2::<f32>()?;
        let longest = self.config.max_answer_tokens;
        let of_range = |range| answer_spans(&scores[range], longest);
        Ok(rows.ranges().map(of_range).collect())
    }

    fn metrics(&self, answers: &[Answer], targets: &[&Target]) -> Result<MetricSet, HeadError> {
        crate::evaluation::spans(KIND, &self.config, answers, targets)
    }

    fn classes(&self) -> Option<usize> {
        None
    }
}

impl QuestionAnsweringConfig {
    /// The spans that are the answer, the best first; none where *no answer* is.
    pub fn chosen<'a>(&self, spans: &'a [SpanScore], null: f32) -> &'a [SpanScore] {
        let Some(best) = spans.first() else {
            return &[];
        };
        let difference = f64::from(null) - f64::from(best.score);
        match self.null_threshold {
            Some(threshold) if difference > threshold => &[],
            _ => &spans[..spans.len().min(self.n_best)],
        }
    }
}
