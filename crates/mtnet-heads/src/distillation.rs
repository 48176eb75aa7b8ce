//! How far a head's scores are from those of a teacher, by the form of its answers.
//!
//! | answers | distance |
//! |---|---|
//! | one label a text, one tag a word | `T² KL(softmax(t/T) ‖ softmax(s/T))`, mean over rows |
//! | any number of labels | `T² KL` of each label's yes and no, mean over rows and labels |
//! | numbers | `(s - t)²`, mean over the numbers |
//!
//! Hinton, Vinyals and Dean 2015, §2 (<https://arxiv.org/abs/1503.02531>); for numbers the squared
//! error of Clark et al. 2019, "BAM! Born-again multi-task networks for natural language
//! understanding", §3.2 (<https://arxiv.org/abs/1907.04829>).

use candle_core::Tensor;
use mtnet_core::TargetKind;
use mtnet_losses::{
    DenseTargets, Distillation, Reduction, bernoulli_distillation_kl, distillation_kl,
    squared_error,
};

use crate::HeadError;

/// The distance of scores `(rows, columns)` from a teacher's, row-major.
pub(crate) fn distance(
    kind: TargetKind,
    scores: &Tensor,
    teacher: &[f32],
    settings: &Distillation,
) -> Result<Tensor, HeadError> {
    let (rows, columns) = scores.dims2()?;
    if teacher.len() != rows * columns {
        return Err(HeadError::Mismatch {
            kind: "distilled",
            expected: "as many scores of the teacher as of its own",
            found: format!("{} for ({rows}, {columns})", teacher.len()),
        });
    }
    if kind == TargetKind::Numbers {
        let targets = DenseTargets::nan_is_missing(teacher, columns)?;
        return Ok(squared_error(scores, &targets, Reduction::Mean)?);
    }
    let takes_part = |row: &[f32]| !row.iter().any(|score| score.is_nan());
    let kept: Vec<u32> = (0..)
        .zip(teacher.chunks_exact(columns.max(1)))
        .filter_map(|(place, row)| takes_part(row).then_some(place))
        .collect();
    let wanted: Vec<f32> = teacher
        .chunks_exact(columns.max(1))
        .filter(|row| takes_part(row))
        .flatten()
        .copied()
        .collect();
    let count = kept.len();
    let scores = match count == rows {
        true => scores.clone(),
        false => scores.index_select(&Tensor::from_vec(kept, count, scores.device())?, 0)?,
    };
    let wanted = Tensor::from_vec(wanted, (count, columns), scores.device())?;
    Ok(match kind {
        TargetKind::Labels => {
            bernoulli_distillation_kl(&scores, &wanted, settings, Reduction::Mean)?
        }
        _ => distillation_kl(&scores, &wanted, settings, Reduction::Mean)?,
    })
}
