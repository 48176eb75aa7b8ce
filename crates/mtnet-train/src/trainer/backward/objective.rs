//! What a task minimises beside its head's loss, and whether the text as it stands is learned from.
//!
//! R-Drop (Wu, Liang et al. 2021, "R-Drop: Regularized Dropout for Neural Networks", §2.1, in the
//! form of its published code): a batch holds each text twice, under two dropout masks, and
//! `loss = ½ (loss₁ + loss₂) + α/2 · (KL(p₁ ‖ p₂) + KL(p₂ ‖ p₁))`. For heads without classes the
//! divergence is the mean square of the difference of scores.

use std::borrow::Cow;

use candle_core::Tensor;
use mtnet_core::{Offsets, PackedBatch, TargetValues};
use mtnet_heads::HeadLoss;
use mtnet_model::{BatchPass, MultiTaskModel, Task};

use crate::trainer::TrainError;
use crate::trainer::distillation::Distilled;

/// What is minimised.
#[derive(Clone, Debug, Default)]
pub(in crate::trainer) struct Objective {
    /// Weight of the divergence between the two halves of a batch.
    pub r_drop: Option<f64>,
    /// Whether only perturbed texts are learned from: the plain losses are numbers alone then.
    pub perturbed_only: bool,
    /// Teachers of the tasks.
    pub distilled: Option<Distilled>,
}

impl Objective {
    /// The losses of a pass in step `step`.
    pub fn losses(
        &self,
        model: &MultiTaskModel,
        pass: &BatchPass<'_>,
        step: u64,
    ) -> Result<Vec<Option<HeadLoss>>, TrainError> {
        let Some(alpha) = self.r_drop else {
            return self.of_one_mask(model, pass, step);
        };
        let scores = pass.scores()?;
        let mut losses = pass.losses_from(&scores)?;
        if let Some(distilled) = &self.distilled {
            distilled.mix(model, pass, &scores, &mut losses, step)?;
        }
        for ((loss, scores), task) in losses.iter_mut().zip(&scores).zip(model.tasks()) {
            let (Some(loss), Some(scores)) = (loss, scores) else {
                continue;
            };
            let half = scores.dim(0)? / 2;
            let (first, second) = (scores.narrow(0, 0, half)?, scores.narrow(0, half, half)?);
            let Some(targets) = pass.batch().targets.get(&task.spec.name) else {
                continue;
            };
            let apart = divergence(task, &first, &second, &of_one_mask(&targets.values))?;
            loss.mean = (&loss.mean + (apart * (alpha / 2.0))?)?;
        }
        Ok(losses)
    }

    /// The same without R-Drop: of labels and teachers alone.
    pub fn of_one_mask(
        &self,
        model: &MultiTaskModel,
        pass: &BatchPass<'_>,
        step: u64,
    ) -> Result<Vec<Option<HeadLoss>>, TrainError> {
        let Some(distilled) = &self.distilled else {
            return Ok(pass.losses()?);
        };
        let scores = pass.scores()?;
        let mut losses = pass.losses_from(&scores)?;
        distilled.mix(model, pass, &scores, &mut losses, step)?;
        Ok(losses)
    }
}

/// How far apart two sets of scores `(rows, columns)` of a task are, both for `targets`: a scalar
/// with gradients into both.
pub(in crate::trainer) fn divergence(
    task: &Task,
    first: &Tensor,
    second: &Tensor,
    targets: &TargetValues,
) -> Result<Tensor, TrainError> {
    let apart = task.head.divergence(first, second, targets);
    apart.map_err(TrainError::head(&task.spec.name))
}

/// The targets of the first half of a batch that holds each sequence twice.
fn of_one_mask(targets: &TargetValues) -> Cow<'_, TargetValues> {
    match targets {
        TargetValues::Spans { passages, bounds } => {
            let once = bounds.len() / 2;
            let lengths = passages.ranges().take(once).map(|range| range.len());
            Cow::Owned(TargetValues::Spans {
                passages: Offsets::from_lengths(lengths),
                bounds: bounds[..once].to_vec(),
            })
        }
        // Their halves are the halves of the scores' rows.
        other => Cow::Borrowed(other),
    }
}

/// A batch with each sequence twice: all of them, then all of them again.
pub(in crate::trainer) fn twice(batch: &PackedBatch) -> PackedBatch {
    let mut both = batch.clone();
    both.input_ids.extend_from_slice(&batch.input_ids);
    both.position_ids.extend_from_slice(&batch.position_ids);
    both.type_ids.extend_from_slice(&batch.type_ids);
    both.sources.extend_from_slice(&batch.sources);
    for range in batch.offsets.ranges() {
        both.offsets.push(range.len());
    }
    for range in batch.words.offsets.ranges() {
        both.words.offsets.push(range.len());
    }
    let tokens = batch.tokens() as u32;
    let rows = batch.words.rows.iter().map(|row| row + tokens);
    both.words.rows.extend(rows);
    for range in batch.passages.offsets.ranges() {
        both.passages.offsets.push(range.len());
    }
    let rows = batch.passages.rows.iter().map(|row| row + tokens);
    both.passages.rows.extend(rows);
    both.passages.bytes.extend_from_slice(&batch.passages.bytes);
    for (targets, once) in both.targets.values_mut().zip(batch.targets.values()) {
        let sequences = once.sequences.iter().map(|at| at + batch.len() as u32);
        targets.sequences.extend(sequences);
        extend(&mut targets.values, &once.values);
    }
    both
}

fn extend(values: &mut TargetValues, more: &TargetValues) {
    match (values, more) {
        (TargetValues::Classes(values), TargetValues::Classes(more))
        | (TargetValues::Tags(values), TargetValues::Tags(more)) => values.extend_from_slice(more),
        (
            TargetValues::MultiLabel { values, .. } | TargetValues::Numbers { values, .. },
            TargetValues::MultiLabel { values: more, .. }
            | TargetValues::Numbers { values: more, .. },
        ) => values.extend_from_slice(more),
        (
            TargetValues::Spans { passages, bounds },
            TargetValues::Spans {
                passages: more,
                bounds: theirs,
            },
        ) => {
            more.ranges().for_each(|range| passages.push(range.len()));
            bounds.extend_from_slice(theirs);
        }
        _ => unreachable!("targets of one task are of one kind"),
    }
}
