//! One gradient a task: its own buffer, filled by one way through the encoder.

use mtnet_core::PackedBatch;
use mtnet_encoders::Slope;
use mtnet_heads::HeadLoss;
use mtnet_kernels::{GradientBuffer, Mode};
use mtnet_model::{BatchPass, MultiTaskModel};

use super::heads::{HeadBackward, loss_values};
use super::layouts::Layouts;
use super::objective::Objective;
use crate::trainer::TrainError;

/// The shared parameters' gradient of each task, summed over the batches of a step.
#[derive(Debug)]
pub(super) struct TaskGradients {
    /// One buffer a task; made when the task first comes.
    buffers: Vec<Option<GradientBuffer>>,
    /// Batches of this step that each task was in.
    counts: Vec<u32>,
    /// Sum of the losses over those batches.
    losses: Vec<f64>,
    objective: Objective,
}

impl TaskGradients {
    pub fn new(tasks: usize) -> Self {
        Self {
            buffers: vec![None; tasks],
            counts: vec![0; tasks],
            losses: vec![0.0; tasks],
            objective: Objective::default(),
        }
    }

    /// The same for losses of that objective.
    pub fn minimising(mut self, objective: Objective) -> Self {
        self.objective = objective;
        self
    }

    /// The gradient of a task, to be added to.
    pub fn buffer(&mut self, task: usize, layouts: &Layouts) -> &mut GradientBuffer {
        self.buffers[task].get_or_insert_with(|| GradientBuffer::new(&layouts.shared))
    }

    /// Adds the gradients of each task of a batch. One pass serves them all where the encoder
    /// leaves out texts without a slope on the way back; elsewhere each task has a pass over its
    /// own texts, and tasks on the same texts share one.
    pub fn add_batch(
        &mut self,
        model: &MultiTaskModel,
        batch: &PackedBatch,
        mode: &Mode,
        step: u64,
        layouts: &Layouts,
        heads: &mut GradientBuffer,
    ) -> Result<(), TrainError> {
        let parts = match model.encoder().leaves_out_sequences() {
            true => Vec::new(),
            false => batch.parts(),
        };
        if parts.len() < 2 {
            return self.add_part(model, batch, mode, step, layouts, heads);
        }
        for (index, part) in parts.iter().enumerate() {
            let part = batch.select(&part.sequences);
            // Parts have masks of their own, as they would have within one batch.
            let mode = mode.at(index as u64);
            self.add_part(model, &part, &mode, step, layouts, heads)?;
        }
        Ok(())
    }

    fn add_part(
        &mut self,
        model: &MultiTaskModel,
        batch: &PackedBatch,
        mode: &Mode,
        step: u64,
        layouts: &Layouts,
        heads: &mut GradientBuffer,
    ) -> Result<(), TrainError> {
        let pass = model.pass(batch, mode)?;
        let mut losses = self.objective.losses(model, &pass, step)?;
        let values = loss_values(model, &losses, step)?;
        if self.objective.perturbed_only {
            for loss in losses.iter_mut().flatten() {
                loss.mean = (&loss.mean * 0.0)?;
            }
        }
        self.add_pass(&pass, &losses, &values, layouts, Some(heads))
    }

    /// Adds the gradients of each loss of one pass.
    pub fn add_pass(
        &mut self,
        pass: &BatchPass<'_>,
        losses: &[Option<HeadLoss>],
        values: &[Option<f64>],
        layouts: &Layouts,
        mut heads: Option<&mut GradientBuffer>,
    ) -> Result<(), TrainError> {
        let mut slopes = vec![None; losses.len()];
        for (task, loss) in losses.iter().enumerate() {
            let Some(loss) = loss else { continue };
            let mut backward = HeadBackward::new(pass, &loss.mean)?;
            slopes[task] = backward.slope.take();
            if let Some(heads) = heads.as_deref_mut() {
                backward.add_to(heads, 1.0)?;
            }
            self.counts[task] += 1;
            self.losses[task] += values[task].unwrap_or_default();
            self.buffers[task].get_or_insert_with(|| GradientBuffer::new(&layouts.shared));
        }
        let mut terms: Vec<Slope<'_>> = self
            .buffers
            .iter_mut()
            .zip(&slopes)
            .filter_map(|(into, slope)| {
                Some(Slope {
                    slope: slope.as_ref()?,
                    into: into.as_mut()?,
                })
            })
            .collect();
        Ok(pass.backward(&mut terms)?)
    }

    /// Mean loss of each task over the batches of the step that it was in.
    pub fn mean_losses(&self) -> Vec<Option<f64>> {
        let pairs = self.losses.iter().zip(&self.counts);
        pairs
            .map(|(loss, &count)| (count > 0).then(|| loss / f64::from(count)))
            .collect()
    }

    /// Batches that a task was in: what its sums are to be divided by.
    pub fn count(&self, task: usize) -> f64 {
        f64::from(self.counts[task].max(1))
    }

    /// Makes means of the sums over batches, and gives position and gradient of each task that
    /// was in the step. A task that reached no shared parameter has a zero gradient.
    pub fn means(&mut self) -> Result<(Vec<usize>, Vec<&GradientBuffer>), TrainError> {
        let mut tasks = Vec::new();
        let mut gradients = Vec::new();
        let pairs = self.buffers.iter_mut().zip(&self.counts).enumerate();
        for (task, (buffer, &count)) in pairs {
            if let (Some(buffer), 1..) = (buffer, count) {
                let all = 0..buffer.layout().entries().len();
                buffer.scale(all, 1.0 / f64::from(count))?;
                tasks.push(task);
                gradients.push(&*buffer);
            }
        }
        Ok((tasks, gradients))
    }

    /// Zero again, ready for the next step.
    pub fn clear(&mut self) {
        let buffers = self.buffers.iter_mut().flatten();
        buffers.for_each(GradientBuffer::clear);
        self.counts.fill(0);
        self.losses.fill(0.0);
    }
}
