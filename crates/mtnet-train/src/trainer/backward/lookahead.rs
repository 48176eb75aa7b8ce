//! What a step for one task does to the losses of the others.

use std::sync::Arc;

use candle_core::Tensor;
use mtnet_core::{PackedBatch, TaskName};
use mtnet_kernels::{GradientBuffer, GradientView, Mode, gradient_products};
use mtnet_model::MultiTaskModel;

use super::diagnostics::Sample;
use super::heads::loss_values;
use super::layouts::Layouts;
use super::summary::Sums;
use super::tasks::TaskGradients;
use crate::events::BalanceSummary;
use crate::trainer::TrainError;

/// Share of its own loss that a task's step would take away if losses were linear.
const SHARE_OF_LOSS: f64 = 0.01;

/// Steps back and forth on the shared parameters of a model.
pub(in crate::trainer) struct Lookahead<'a> {
    model: &'a MultiTaskModel,
    layouts: Arc<Layouts>,
}

/// What was measured so far.
pub(in crate::trainer) struct Looks {
    names: Vec<TaskName>,
    /// Sum and number of `Z(i → j)`, `(tasks, tasks)`.
    affinity: Vec<(f64, u64)>,
    gradients: Sums,
}

impl Looks {
    pub fn new(names: Vec<TaskName>) -> Self {
        let tasks = names.len();
        Self {
            names,
            affinity: vec![(0.0, 0); tasks * tasks],
            gradients: Sums::new(tasks),
        }
    }

    /// Means of `Z(i → j)`, row-major.
    pub fn affinity(&self) -> Vec<Option<f64>> {
        let sums = self.affinity.iter();
        sums.map(|&(sum, count)| (count > 0).then(|| sum / count as f64))
            .collect()
    }

    pub fn summary(&self) -> Option<BalanceSummary> {
        self.gradients.summary(&self.names)
    }
}

impl<'a> Lookahead<'a> {
    pub fn new(model: &'a MultiTaskModel, layouts: Arc<Layouts>) -> Self {
        Self { model, layouts }
    }

    /// Measures each task of a batch against each. The parameters are afterwards what they were.
    pub fn measure(&self, batch: &PackedBatch, looks: &mut Looks) -> Result<(), TrainError> {
        let mut tasks = TaskGradients::new(self.model.tasks().len());
        let mut heads = GradientBuffer::new(&self.layouts.heads);
        tasks.add_batch(self.model, batch, &Mode::Eval, 0, &self.layouts, &mut heads)?;
        let before = tasks.mean_losses();
        let (present, gradients) = tasks.means()?;
        let all = 0..self.layouts.shared.entries().len();
        looks.gradients.take(&Sample {
            tasks: &present,
            products: &gradient_products(&gradients, all)?,
            weights: None,
        });
        let saved: Vec<Tensor> = self
            .layouts
            .shared
            .entries()
            .iter()
            .map(|entry| entry.variable.as_detached_tensor().copy())
            .collect::<candle_core::Result<_>>()?;
        for (&task, gradient) in present.iter().zip(&gradients) {
            let loss = before[task].unwrap_or_default();
            let after = self.losses_after(batch, gradient, SHARE_OF_LOSS * loss, &saved);
            self.restore(&saved)?;
            for (other, (before, after)) in before.iter().zip(after?).enumerate() {
                if let (Some(before), Some(after)) = (before, after)
                    && *before > 0.0
                {
                    let (sum, count) = &mut looks.affinity[task * looks.names.len() + other];
                    *sum += 1.0 - after / before;
                    *count += 1;
                }
            }
        }
        Ok(())
    }

    fn losses_after(
        &self,
        batch: &PackedBatch,
        gradient: &GradientBuffer,
        decrease: f64,
        saved: &[Tensor],
    ) -> Result<Vec<Option<f64>>, TrainError> {
        let entries = self.layouts.shared.entries();
        let squares = gradient_products(&[gradient], 0..entries.len())?[0];
        if squares > 0.0 {
            // To first order the loss falls by length · ‖g‖².
            let length = decrease / squares;
            for (index, (entry, saved)) in entries.iter().zip(saved).enumerate() {
                let step = match gradient.view(index) {
                    None => continue,
                    Some(GradientView::Device(tensor)) => tensor.clone(),
                    Some(GradientView::Host(values, _)) => {
                        Tensor::from_slice(values, saved.shape(), saved.device())?
                    }
                };
                entry.variable.set(&(saved - (step * length)?)?)?;
            }
            self.model.weights_changed();
        }
        let pass = self.model.pass(batch, &Mode::Eval)?;
        loss_values(self.model, &pass.losses()?, 0)
    }

    fn restore(&self, saved: &[Tensor]) -> Result<(), TrainError> {
        for (entry, saved) in self.layouts.shared.entries().iter().zip(saved) {
            entry.variable.set(saved)?;
        }
        self.model.weights_changed();
        Ok(())
    }
}
