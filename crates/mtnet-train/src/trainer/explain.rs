//! What stands behind a number: the cause of one that is not finite, and what a guess would give.

use candle_core::{DType, Device, Tensor};
use mtnet_core::{PackedBatch, TargetValues};
use mtnet_kernels::Mode;
use mtnet_model::Task;

use super::backward::Suspects;
use super::session::Session;
use super::{NonFinite, TrainError};
use crate::events::AlarmKind;
use crate::optimizer::{OptimizerError, is_finite};

impl Session<'_> {
    /// The cause of an error, where it is a value that is not finite.
    pub(super) fn explain(&self, error: TrainError) -> TrainError {
        let found = match error {
            TrainError::NonFinite(ref loss) => self.explain_loss(loss).map(Some),
            TrainError::Optimizer(OptimizerError::NonFiniteGradient { .. })
            | TrainError::Balance(_) => {
                let layouts = self.backward.layouts();
                let suspects = Suspects {
                    model: &self.folder.model,
                    layouts: &layouts,
                    batches: &self.batches,
                    gradients: self.backward.gradients(),
                    step: self.steps(),
                };
                suspects.broken_gradient()
            }
            _ => return error,
        };
        match found {
            Ok(Some(found)) => TrainError::NonFinite(Box::new(found)),
            Ok(None) => error,
            Err(other) => other,
        }
    }

    /// Looks for the weight or the place that a loss is broken by.
    fn explain_loss(&self, loss: &NonFinite) -> Result<NonFinite, TrainError> {
        let mut loss = loss.clone();
        if let Some(name) = self.broken_weight()? {
            loss.kind = AlarmKind::NonFiniteWeight;
            loss.layer = self.backward.layouts().layer_of(&name);
            loss.place = Some(name);
        } else if let Some((batch, mode)) = self.batches.last()
            && !is_finite(self.folder.model.pass(batch, mode)?.hidden())?
        {
            loss.place = Some("the encoder's hidden rows".to_owned());
        }
        Ok(loss)
    }

    /// The first parameter with a number that is not finite.
    pub fn broken_weight(&self) -> Result<Option<String>, TrainError> {
        for (name, var) in self.folder.model.parameters().vars() {
            if !is_finite(&var)? {
                return Ok(Some(name));
            }
        }
        Ok(None)
    }
}

/// The loss of equal scores for all classes of a task, and the rows that it is a mean of; `None`
/// where the task chooses between no classes or has no target in the batch.
pub(super) fn guess(
    task: &Task,
    batch: Option<&(PackedBatch, Mode)>,
) -> Result<Option<(f64, usize)>, TrainError> {
    let Some(targets) = batch.and_then(|(batch, _)| batch.targets.get(&task.spec.name)) else {
        return Ok(None);
    };
    let labels = task.spec.labels.len();
    let (rows, columns) = match &targets.values {
        TargetValues::Classes(classes) => (classes.len(), labels),
        TargetValues::Tags(tags) => (tags.len(), labels),
        TargetValues::MultiLabel { width, values } => (values.len() / (*width).max(1), *width),
        _ => return Ok(None),
    };
    if task.head.classes().is_none() {
        return Ok(None);
    }
    let scores = Tensor::zeros((rows, columns), DType::F32, &Device::Cpu)?;
    let loss = task.head.loss(&scores, &targets.values);
    let loss = loss.map_err(TrainError::head(&task.spec.name))?;
    let mean = loss.mean.to_dtype(DType::F64)?.to_scalar::<f64>()?;
    Ok((mean > 0.0).then_some((mean, loss.count)))
}
