//! One forward pass of the shared encoder over a batch, with every head's loss on top and the way
//! back cut in two: heads to hidden rows, hidden rows to the encoder.

use candle_core::backprop::GradStore;
use candle_core::{Tensor, Var};
use mtnet_core::PackedBatch;
use mtnet_encoders::{EncoderInput, EncoderPass, Slope};
use mtnet_heads::HeadLoss;
use mtnet_kernels::Mode;

use crate::model::Encoded;
use crate::{ModelError, MultiTaskModel};

/// A batch behind the encoder.
#[derive(Debug)]
pub struct BatchPass<'a> {
    model: &'a MultiTaskModel,
    batch: &'a PackedBatch,
    encoder: Box<dyn EncoderPass>,
    /// The hidden rows as the variable that heads' gradients end at.
    leaf: Var,
    encoded: Encoded,
    mode: Mode,
}

impl MultiTaskModel {
    /// Runs the encoder over a batch. Losses and gradients of all or of single tasks follow from
    /// the pass.
    ///
    /// # Errors
    /// If a tensor operation fails.
    pub fn pass<'a>(
        &'a self,
        batch: &'a PackedBatch,
        mode: &Mode,
    ) -> Result<BatchPass<'a>, ModelError> {
        self.pass_of(batch, EncoderInput::from_batch(batch, self.device())?, mode)
    }

    /// The same with the embeddings of the tokens shifted by `(tokens, embedding size)`: what a
    /// perturbation does. [`BatchPass::slope_at_input`] gives its gradient.
    ///
    /// # Errors
    /// As [`Self::pass`], and if the shift has another shape.
    pub fn pass_shifted<'a>(
        &'a self,
        batch: &'a PackedBatch,
        mode: &Mode,
        shift: &Tensor,
    ) -> Result<BatchPass<'a>, ModelError> {
        let input = EncoderInput::from_batch(batch, self.device())?;
        self.pass_of(batch, input.shifted(shift)?, mode)
    }

    fn pass_of<'a>(
        &'a self,
        batch: &'a PackedBatch,
        input: EncoderInput,
        mode: &Mode,
    ) -> Result<BatchPass<'a>, ModelError> {
        let encoder = self.encoder().pass(&input, &mode.child("encoder"))?;
        let leaf = Var::from_tensor(encoder.hidden())?;
        let encoded = self.pooled(leaf.as_tensor().clone(), &input.offsets)?;
        Ok(BatchPass {
            model: self,
            batch,
            encoder,
            leaf,
            encoded,
            mode: *mode,
        })
    }
}

impl BatchPass<'_> {
    /// The batch.
    pub fn batch(&self) -> &PackedBatch {
        self.batch
    }

    /// Hidden rows `(tokens, hidden)`, with no graph behind them.
    pub fn hidden(&self) -> &Tensor {
        self.encoder.hidden()
    }

    /// Loss of each task that has a target in the batch, in the order of
    /// [`MultiTaskModel::tasks`]. Their graphs end at the hidden rows.
    ///
    /// # Errors
    /// As [`MultiTaskModel::losses`].
    pub fn losses(&self) -> Result<Vec<Option<HeadLoss>>, ModelError> {
        self.model.losses_of(self.batch, &self.encoded, &self.mode)
    }

    /// Each task's scores `(rows, columns)` of its labelled rows, in the order of
    /// [`MultiTaskModel::tasks`]; their graphs end at the hidden rows.
    ///
    /// # Errors
    /// As [`MultiTaskModel::losses`].
    pub fn scores(&self) -> Result<Vec<Option<Tensor>>, ModelError> {
        self.model.scores_of(self.batch, &self.encoded, &self.mode)
    }

    /// The losses of such scores.
    ///
    /// # Errors
    /// As [`MultiTaskModel::losses`].
    pub fn losses_from(
        &self,
        scores: &[Option<Tensor>],
    ) -> Result<Vec<Option<HeadLoss>>, ModelError> {
        self.model.losses_from(self.batch, scores)
    }

    /// From a slope of the hidden rows to that of the shift of a
    /// [shifted pass](MultiTaskModel::pass_shifted) `(tokens, embedding size)`.
    ///
    /// # Errors
    /// If the pass was not shifted, or a tensor operation fails.
    pub fn slope_at_input(&self, slope: &Tensor) -> Result<Tensor, ModelError> {
        Ok(self.encoder.slope_at_input(slope)?)
    }

    /// Takes the hidden rows' gradient `(tokens, hidden)` out of what a backward pass from losses
    /// left; `None` where no loss reached them.
    pub fn take_slope(&self, store: &mut GradStore) -> Option<Tensor> {
        store.remove(&self.leaf)
    }

    /// From slopes to the encoder's parameters.
    ///
    /// # Errors
    /// If a tensor operation fails.
    pub fn backward(&self, terms: &mut [Slope<'_>]) -> Result<(), ModelError> {
        Ok(self.encoder.backward(terms)?)
    }
}
