//! The tensors an encoder reads.

use std::sync::Arc;

use candle_core::{Device, Result, Tensor, Var};
use mtnet_core::{Offsets, PackedBatch};

/// A packed batch on a device.
#[derive(Clone, Debug)]
pub struct EncoderInput {
    /// Token ids, `u32` `(tokens)`.
    pub input_ids: Tensor,
    /// Position of each token in its sequence from 0, `u32` `(tokens)`. A family that numbers
    /// positions otherwise adds its own offset.
    pub position_ids: Tensor,
    /// Segment of each token, `u32` `(tokens)`.
    pub type_ids: Tensor,
    /// Borders of the sequences in the token rows.
    pub offsets: Arc<Offsets>,
    /// What is added to the sums of the embeddings, before their norm `(tokens, embedding size)`:
    /// a perturbation, whose own gradient [`EncoderPass::slope_at_input`] gives.
    ///
    /// [`EncoderPass::slope_at_input`]: crate::EncoderPass::slope_at_input
    pub shift: Option<Var>,
}

impl EncoderInput {
    /// Copies what encoders read of a batch to `device`.
    ///
    /// # Errors
    /// If the device fails.
    pub fn from_batch(batch: &PackedBatch, device: &Device) -> Result<Self> {
        Ok(Self {
            input_ids: Tensor::new(batch.input_ids.as_slice(), device)?,
            position_ids: Tensor::new(batch.position_ids.as_slice(), device)?,
            type_ids: Tensor::new(batch.type_ids.as_slice(), device)?,
            offsets: Arc::new(batch.offsets.clone()),
            shift: None,
        })
    }

    /// The same with its embeddings shifted by `(tokens, embedding size)`.
    ///
    /// # Errors
    /// If the device fails.
    pub fn shifted(mut self, shift: &Tensor) -> Result<Self> {
        self.shift = Some(Var::from_tensor(shift)?);
        Ok(self)
    }

    /// How many tokens the batch holds.
    pub fn tokens(&self) -> usize {
        self.offsets.total()
    }

    /// Refuses a sequence that is longer than an encoder can read.
    pub(crate) fn check_length(&self, max_length: usize) -> Result<()> {
        let longest = self.offsets.longest();
        if longest > max_length {
            candle_core::bail!(
                "a sequence of {longest} tokens, expected at most {max_length}, the encoder's \
                 longest; truncate texts to `max_length` tokens"
            );
        }
        Ok(())
    }
}
