//! The loss of a task that has a teacher: labels and teacher, mixed.

use std::sync::Arc;

use candle_core::Tensor;
use mtnet_heads::HeadLoss;
use mtnet_losses::Distillation;
use mtnet_model::{BatchPass, MultiTaskModel};

use super::soft_labels::SoftLabels;
use crate::run_file::DistillationConfig;
use crate::trainer::TrainError;

/// The teachers of a run, and how much they count in each step.
#[derive(Clone, Debug)]
pub(in crate::trainer) struct Distilled {
    pub soft: Arc<SoftLabels>,
    pub settings: DistillationConfig,
    /// Steps of the run.
    pub total_steps: u64,
}

impl Distilled {
    /// Whether a task of the model has a teacher.
    pub fn teaches(&self, task: usize) -> bool {
        self.soft.tasks.get(task).is_some_and(Option::is_some)
    }

    /// Mixes the teachers into losses of a pass that were made of these scores, in step `step`.
    pub fn mix(
        &self,
        model: &MultiTaskModel,
        pass: &BatchPass<'_>,
        scores: &[Option<Tensor>],
        losses: &mut [Option<HeadLoss>],
        step: u64,
    ) -> Result<(), TrainError> {
        let share = self.settings.teacher_share(step, self.total_steps);
        let settings = Distillation {
            temperature: self.settings.temperature,
            ..Distillation::default()
        };
        let tasks = model.tasks().iter().enumerate();
        for (((index, task), loss), scores) in tasks.zip(losses).zip(scores) {
            let (Some(loss), Some(scores)) = (loss, scores) else {
                continue;
            };
            let name = &task.spec.name;
            let Some(targets) = pass.batch().targets.get(name) else {
                continue;
            };
            let reads = task.head.reads();
            let Some(teacher) = self.soft.of_batch(index, reads, pass.batch(), targets) else {
                continue;
            };
            let apart = task
                .head
                .distillation_loss(scores, &teacher, &settings)
                .map_err(TrainError::head(name))?;
            loss.mean = ((&loss.mean * (1.0 - share))? + (apart * share)?)?;
        }
        Ok(())
    }
}
