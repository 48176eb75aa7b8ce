//! The frame of losses that are a sum over elements: pick the labelled, compute, reduce.

use candle_core::Tensor;

use crate::gradient::zero_loss;
use crate::numeric::{as_matrix, constant};
use crate::selection::Selection;
use crate::{DenseTargets, LossError, Reduction};

/// The labelled elements of a matrix of predictions.
pub(crate) struct Elements<'a> {
    /// Their predictions `(labelled)`.
    pub(crate) predictions: Tensor,
    targets: &'a DenseTargets,
    selection: &'a Selection,
}

impl Elements<'_> {
    /// A number for each element `(labelled)`, from its target and its column.
    pub(crate) fn coefficients(
        &self,
        coefficient: impl Fn(f64, usize) -> f64,
    ) -> candle_core::Result<Tensor> {
        let columns = self.targets.columns();
        let values = self
            .selection
            .places()
            .map(|at| coefficient(self.targets.value(at), at % columns));
        constant(values, self.selection.len(), &self.predictions)
    }

    /// Their targets `(labelled)`.
    pub(crate) fn targets(&self) -> candle_core::Result<Tensor> {
        self.coefficients(|target, _| target)
    }
}

/// Applies `loss`, from labelled elements to the loss of each `(labelled)`, and reduces.
///
/// `Mean` is over the labelled elements, `None` has the shape of the predictions.
pub(crate) fn elementwise(
    what: &'static str,
    predictions: &Tensor,
    targets: &DenseTargets,
    reduction: Reduction,
    loss: impl FnOnce(&Elements) -> candle_core::Result<Tensor>,
) -> Result<Tensor, LossError> {
    let predictions = as_matrix(what, predictions)?;
    targets.check_shape(what, predictions.dims())?;
    let selection = targets.elements();
    if selection.is_empty() {
        return Ok(zero_loss(&predictions, reduction, false)?);
    }
    let elements = Elements {
        predictions: selection.take(&predictions.flatten_all()?)?,
        targets,
        selection: &selection,
    };
    let losses = loss(&elements)?;
    let reduced = selection.reduce(&losses, selection.len() as f64, reduction)?;
    match reduction {
        Reduction::None => Ok(reduced.reshape(predictions.shape())?),
        Reduction::Mean | Reduction::Sum => Ok(reduced),
    }
}
