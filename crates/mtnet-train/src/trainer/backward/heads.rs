//! The heads' part of the way back: a task's loss to the hidden rows and to its own parameters.

use std::borrow::Borrow;

use candle_core::backprop::GradStore;
use candle_core::{DType, Tensor};
use mtnet_heads::HeadLoss;
use mtnet_kernels::GradientBuffer;
use mtnet_model::{BatchPass, MultiTaskModel};

use crate::events::AlarmKind;
use crate::trainer::{NonFinite, TrainError};

/// What one task's mean loss leaves: the slope it gives the hidden rows, and its head's gradients.
pub(super) struct HeadBackward {
    /// `(tokens, hidden)`; `None` where the loss does not depend on the hidden rows.
    pub slope: Option<Tensor>,
    store: GradStore,
}

impl HeadBackward {
    pub fn new(pass: &BatchPass<'_>, loss: &Tensor) -> Result<Self, TrainError> {
        let mut store = loss.backward()?;
        let slope = pass.take_slope(&mut store);
        Ok(Self { slope, store })
    }

    /// Adds `scale ·` the head's gradients.
    pub fn add_to(mut self, heads: &mut GradientBuffer, scale: f64) -> Result<(), TrainError> {
        Ok(heads.add_from(&mut self.store, scale)?)
    }
}

/// `Σ weight · tensor`; `None` where there is none.
pub(super) fn weighted_sum<T: Borrow<Tensor>>(
    terms: impl IntoIterator<Item = (f64, T)>,
) -> Result<Option<Tensor>, TrainError> {
    let mut total: Option<Tensor> = None;
    for (weight, tensor) in terms {
        let term = (tensor.borrow() * weight)?;
        total = Some(match total {
            Some(total) => (total + term)?,
            None => term,
        });
    }
    Ok(total)
}

/// The losses as numbers, all of them finite.
///
/// # Errors
/// [`NonFinite`] with all tasks whose loss is not.
pub(in crate::trainer) fn loss_values(
    model: &MultiTaskModel,
    losses: &[Option<HeadLoss>],
    step: u64,
) -> Result<Vec<Option<f64>>, TrainError> {
    let mut values = Vec::with_capacity(losses.len());
    let (mut broken, mut value_of_first) = (Vec::new(), None);
    for (loss, task) in losses.iter().zip(model.tasks()) {
        let value = match loss {
            Some(loss) => Some(f64::from(
                loss.mean.to_dtype(DType::F32)?.to_scalar::<f32>()?,
            )),
            None => None,
        };
        if let Some(value) = value.filter(|value| !value.is_finite()) {
            broken.push(task.spec.name.clone());
            value_of_first.get_or_insert(value);
        }
        values.push(value);
    }
    if broken.is_empty() {
        return Ok(values);
    }
    Err(TrainError::NonFinite(Box::new(NonFinite {
        step,
        kind: AlarmKind::NonFiniteLoss,
        tasks: broken,
        place: None,
        layer: None,
        value: value_of_first,
    })))
}
