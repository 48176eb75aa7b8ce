//! Learning from teachers: models that answer a task already, most often one trained on it alone.
//!
//! What a teacher scores for the training examples is computed once, before the first step, and
//! kept in the run folder. In training a task's loss becomes `λ · loss of the labels + (1 − λ) ·
//! distance from the teacher` (Hinton et al. 2015, <https://arxiv.org/abs/1503.02531>), with a
//! constant `λ` or one that rises from 0 to 1 (Clark et al. 2019, *BAM!*,
//! <https://arxiv.org/abs/1907.04829>); the distance is that of
//! [`TaskHead::distillation_loss`](mtnet_heads::TaskHead::distillation_loss). Balancing, R-Drop and
//! attacks see the mixed loss as the task's own. Only texts that are labelled for a task are
//! answered by its teacher.

mod cache;
mod mix;
mod soft_labels;
mod student;
mod teacher;

pub(super) use mix::Distilled;
pub(super) use soft_labels::SoftLabels;
