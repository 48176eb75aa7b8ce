//! Which rows or elements carry a label.

use candle_core::{Result, Tensor};

use crate::Reduction;

/// The labelled ones among `total`, rising.
#[derive(Clone, Debug)]
pub(crate) struct Selection {
    total: usize,
    /// `None`: all of them, the common case, in which nothing is copied.
    kept: Option<Vec<u32>>,
}

impl Selection {
    /// The places where `labelled` holds.
    pub(crate) fn new(labelled: impl ExactSizeIterator<Item = bool>) -> Self {
        let total = labelled.len();
        let kept: Vec<u32> = (0..)
            .zip(labelled)
            .filter_map(|(place, is_labelled)| is_labelled.then_some(place))
            .collect();
        Self {
            total,
            kept: (kept.len() < total).then_some(kept),
        }
    }

    /// How many are labelled.
    pub(crate) fn len(&self) -> usize {
        self.kept.as_ref().map_or(self.total, Vec::len)
    }

    /// Whether none is labelled.
    pub(crate) fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Their places, rising.
    pub(crate) fn places(&self) -> impl Iterator<Item = usize> + '_ {
        (0..self.len()).map(|nth| match &self.kept {
            Some(kept) => kept[nth] as usize,
            None => nth,
        })
    }

    /// The labelled rows of `tensor` `(total, …)`.
    pub(crate) fn take(&self, tensor: &Tensor) -> Result<Tensor> {
        match &self.kept {
            None => Ok(tensor.clone()),
            Some(kept) => tensor.index_select(&indices(kept, tensor)?, 0),
        }
    }

    /// Losses of the labelled `(kept)` to the place of each among all `(total)`, 0 elsewhere.
    pub(crate) fn restore(&self, losses: &Tensor) -> Result<Tensor> {
        match &self.kept {
            None => Ok(losses.clone()),
            Some(kept) => Tensor::zeros(self.total, losses.dtype(), losses.device())?.index_add(
                &indices(kept, losses)?,
                losses,
                0,
            ),
        }
    }

    /// Reduces losses of the labelled `(kept)`; `Mean` divides their sum by `divisor`.
    pub(crate) fn reduce(
        &self,
        losses: &Tensor,
        divisor: f64,
        reduction: Reduction,
    ) -> Result<Tensor> {
        match reduction {
            Reduction::Mean => losses.sum_all()? / divisor,
            Reduction::Sum => losses.sum_all(),
            Reduction::None => self.restore(losses),
        }
    }
}

fn indices(kept: &[u32], like: &Tensor) -> Result<Tensor> {
    Tensor::from_slice(kept, kept.len(), like.device())
}
