//! What a task head is.

use std::fmt::Debug;

use candle_core::Tensor;
use mtnet_core::{Offsets, Target, TargetKind, TargetValues};
use mtnet_kernels::Mode;
use mtnet_losses::{Distillation, Reduction, symmetric_bernoulli_kl, symmetric_kl};
use mtnet_metrics::MetricSet;

use crate::distillation::distance;
use crate::{Answer, HeadError, Link};

/// Which encoder rows a head answers from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reads {
    /// One pooled row a sequence.
    Sequences,
    /// The first subword's row of each word.
    Words,
    /// The first row of a sequence, then those of the second text of a pair.
    Passages,
}

/// The loss of some rows.
#[derive(Clone, Debug)]
pub struct HeadLoss {
    /// The mean over the labelled rows, a scalar that carries gradients; 0 where there is none.
    pub mean: Tensor,
    /// How many rows were labelled: the weight of this mean in a mean over several batches.
    pub count: usize,
}

/// Parameters and rules of one task. Object-safe, so that a registry can hold any.
pub trait TaskHead: Send + Sync + Debug {
    /// The type of the head, as a run file writes it.
    fn kind(&self) -> &'static str;

    /// Which rows it answers from.
    fn reads(&self) -> Reads;

    /// Which form of target it learns from.
    fn target_kind(&self) -> TargetKind;

    /// Encoder rows `(rows, hidden)` to unnormalised scores `(rows, columns)`.
    ///
    /// # Errors
    /// If the rows have another width than the head was made for.
    fn forward(&self, rows: &Tensor, mode: &Mode) -> Result<Tensor, HeadError>;

    /// Mean loss of scores `(rows, columns)` over the rows that have a target.
    ///
    /// # Errors
    /// If the targets are of another kind or number.
    fn loss(&self, scores: &Tensor, targets: &TargetValues) -> Result<HeadLoss, HeadError>;

    /// How far scores `(rows, columns)` are from those of a teacher `(rows, columns)`, row-major: a
    /// scalar that carries gradients into the scores, 0 where no row takes part. A row with a NaN
    /// takes no part; of numbers, the places with a NaN take none. A teacher's numbers are in the
    /// unit of the data.
    ///
    /// # Errors
    /// If the teacher's scores are of another number.
    fn distillation_loss(
        &self,
        scores: &Tensor,
        teacher: &[f32],
        settings: &Distillation,
    ) -> Result<Tensor, HeadError> {
        distance(self.target_kind(), scores, teacher, settings)
    }

    /// How far apart two sets of scores `(rows, columns)` for the same targets are, such as those of
    /// two dropout masks: a scalar with gradients into both. Symmetric divergences of the answers,
    /// the mean square of the difference for heads without classes.
    ///
    /// # Errors
    /// If the scores differ in shape, or do not fit the targets.
    fn divergence(
        &self,
        first: &Tensor,
        second: &Tensor,
        _targets: &TargetValues,
    ) -> Result<Tensor, HeadError> {
        Ok(match self.target_kind() {
            TargetKind::Label | TargetKind::Tags => symmetric_kl(first, second, Reduction::Mean)?,
            TargetKind::Labels => symmetric_bernoulli_kl(first, second, Reduction::Mean)?,
            _ => (first - second)?.sqr()?.mean_all()?,
        })
    }

    /// Scores to answers: one a row where the head reads sequences; one a sequence where it reads
    /// words or passages, whose rows `borders` cuts into sequences.
    ///
    /// # Errors
    /// If the head needs borders and gets none.
    fn decode(&self, scores: &Tensor, borders: Option<&Offsets>) -> Result<Vec<Answer>, HeadError>;

    /// How scores become the probabilities of its answers, where they do so row by row: what a
    /// [temperature](crate::calibrate) can be fitted for. Default `None`.
    fn link(&self) -> Option<Link> {
        None
    }

    /// Metrics of answers against targets, in the same order. The main one comes first.
    ///
    /// # Errors
    /// If answers or targets are of another kind, or differ in number.
    fn metrics(&self, answers: &[Answer], targets: &[&Target]) -> Result<MetricSet, HeadError>;

    /// How many classes its loss chooses between, where it does: what log-class scaling divides by.
    fn classes(&self) -> Option<usize>;
}
