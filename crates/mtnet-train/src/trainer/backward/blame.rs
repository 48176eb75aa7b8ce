//! Where a gradient that is not finite comes from: which tensor, which layer, which tasks.
//!
//! Gradients go down, so of the broken ones the topmost is nearest to the cause. Which tasks it
//! belongs to is found by going back once more for each alone; that costs nothing until it happens.

use mtnet_core::{PackedBatch, TaskName};
use mtnet_kernels::{GradientBuffer, GradientView, Mode};
use mtnet_model::MultiTaskModel;

use super::layouts::Layouts;
use super::tasks::TaskGradients;
use crate::events::AlarmKind;
use crate::optimizer::{HEAD_PREFIX, is_finite};
use crate::trainer::{NonFinite, TrainError};

/// The batches of a step with their dropout, and the gradients that they left.
pub(in crate::trainer) struct Suspects<'a> {
    pub model: &'a MultiTaskModel,
    pub layouts: &'a Layouts,
    pub batches: &'a [(PackedBatch, Mode)],
    /// The shared parameters' gradient and the heads'.
    pub gradients: [&'a GradientBuffer; 2],
    pub step: u64,
}

impl Suspects<'_> {
    /// The broken gradient, if there is one.
    pub fn broken_gradient(&self) -> Result<Option<NonFinite>, TrainError> {
        let [shared, heads] = self.gradients;
        if let Some(name) = broken_entry(heads)? {
            let task = task_of_head(&name);
            return Ok(Some(self.found(name, None, task.into_iter().collect())));
        }
        let mut broken = broken_entry(shared)?;
        let mut tasks = TaskGradients::new(self.model.tasks().len());
        let mut own_heads = GradientBuffer::new(&self.layouts.heads);
        for (batch, mode) in self.batches {
            let added = tasks.add_batch(
                self.model,
                batch,
                mode,
                self.step,
                self.layouts,
                &mut own_heads,
            );
            match added {
                Err(TrainError::NonFinite(loss)) => return Ok(Some(*loss)),
                other => other?,
            }
        }
        // A method that looks at slopes first has not come to the heads.
        if let Some(name) = broken_entry(&own_heads)? {
            let task = task_of_head(&name);
            return Ok(Some(self.found(name, None, task.into_iter().collect())));
        }
        let mut names = Vec::new();
        let (present, gradients) = tasks.means()?;
        for (task, gradient) in present.into_iter().zip(gradients) {
            if let Some(entry) = broken_entry(gradient)? {
                names.push(self.model.tasks()[task].spec.name.clone());
                broken.get_or_insert(entry);
            }
        }
        Ok(broken.map(|name| {
            let layer = self.layer_of(&name);
            self.found(name, layer, names)
        }))
    }

    fn found(&self, name: String, layer: Option<String>, tasks: Vec<TaskName>) -> NonFinite {
        NonFinite {
            step: self.step,
            kind: AlarmKind::NonFiniteGradient,
            tasks,
            place: Some(name),
            layer,
            value: None,
        }
    }

    fn layer_of(&self, name: &str) -> Option<String> {
        self.layouts.layer_of(name)
    }
}

/// The topmost entry with a number that is not finite.
fn broken_entry(buffer: &GradientBuffer) -> Result<Option<String>, TrainError> {
    for (index, entry) in buffer.layout().entries().iter().enumerate().rev() {
        let finite = match buffer.view(index) {
            None => true,
            Some(GradientView::Host(values, _)) => values.iter().all(|value| value.is_finite()),
            Some(GradientView::Device(tensor)) => is_finite(tensor)?,
        };
        if !finite {
            return Ok(Some(entry.name.clone()));
        }
    }
    Ok(None)
}

fn task_of_head(name: &str) -> Option<TaskName> {
    let (task, _) = name.strip_prefix(HEAD_PREFIX)?.split_once('.')?;
    TaskName::new(task).ok()
}
