//! A batch behind the encoder and all heads.

use mtnet_balance::TaskLosses;
use mtnet_core::PackedBatch;
use mtnet_heads::HeadLoss;
use mtnet_kernels::Mode;
use mtnet_model::{BatchPass, MultiTaskModel};

use super::heads::loss_values;
use super::objective::Objective;
use super::step::{BatchPlace, Weighted};
use crate::trainer::TrainError;

/// The pass and the losses of a batch.
pub(super) struct Forward<'a> {
    pub pass: BatchPass<'a>,
    /// Losses with the graphs of their heads, one entry a task.
    pub heads: Vec<Option<HeadLoss>>,
    /// The same as numbers.
    pub losses: TaskLosses,
}

impl<'a> Forward<'a> {
    pub fn new(
        model: &'a MultiTaskModel,
        batch: &'a PackedBatch,
        mode: &Mode,
        place: BatchPlace,
        objective: &Objective,
    ) -> Result<Self, TrainError> {
        let pass = model.pass(batch, mode)?;
        let heads = objective.losses(model, &pass, place.step)?;
        let values = loss_values(model, &heads, place.step)?;
        let losses = TaskLosses::new(values)?.at(place.step, place.epoch);
        Ok(Self {
            pass,
            heads,
            losses,
        })
    }

    /// Tasks of the batch with their losses.
    pub fn present(&self) -> impl Iterator<Item = (usize, &HeadLoss)> {
        let tasks = self.heads.iter().enumerate();
        tasks.filter_map(|(task, loss)| Some((task, loss.as_ref()?)))
    }

    /// Losses beside weights, where there are such.
    pub fn weighted(&self, weight: impl Fn(usize) -> Option<f64>) -> Weighted {
        let losses = self.losses.values().iter().enumerate();
        losses
            .map(|(task, loss)| Some(((*loss)?, weight(task))))
            .collect()
    }
}
