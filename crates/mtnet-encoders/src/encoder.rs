//! What every encoder does: tokens in, one hidden row a token out.

use std::fmt::Debug;

use candle_core::{Result, Tensor};
use mtnet_kernels::{Mode, Precision, Wanted};

use crate::pass::GraphPass;
use crate::{EncoderInput, EncoderPass, PrecisionError};

/// A shared encoder.
///
/// Its parameters belong to the store whose builder made it; their names there are those of
/// [`layer_of`](Self::layer_of).
pub trait Encoder: Send + Sync + Debug {
    /// Hidden rows `(tokens, hidden)` of a packed batch. A sequence's rows do not depend on the
    /// other sequences of the batch.
    ///
    /// # Errors
    /// If a token id lies past the vocabulary, a sequence is longer than
    /// [`max_length`](Self::max_length), or the device fails.
    fn forward(&self, input: &EncoderInput, mode: &Mode) -> Result<Tensor>;

    /// The same with a way back to the parameters that does not lead through the heads' graph.
    ///
    /// # Errors
    /// As [`forward`](Self::forward).
    fn pass(&self, input: &EncoderInput, mode: &Mode) -> Result<Box<dyn EncoderPass>> {
        let graph = self.forward(input, mode)?;
        Ok(Box::new(GraphPass::new(graph, input.shift.clone())))
    }

    /// Whether the way back of a [`pass`](Self::pass) costs a slope no more than the sequences that
    /// it is not zero for. Tasks with texts of their own then go through one pass together;
    /// elsewhere each had better have its own.
    fn leaves_out_sequences(&self) -> bool {
        false
    }

    /// Hidden rows `(tokens, hidden)` for answers: no dropout, and no graph behind them. Rows that
    /// are not wanted may be left out of the work; what stands there means nothing.
    ///
    /// # Errors
    /// As [`forward`](Self::forward), and if a wanted row lies past the tokens.
    fn encode(&self, input: &EncoderInput, _wanted: Wanted<'_>) -> Result<Tensor> {
        Ok(self.forward(input, &Mode::Eval)?.detach())
    }

    /// The numbers that [`pass`](Self::pass) and [`encode`](Self::encode) multiply;
    /// [`forward`](Self::forward) always takes `f32`.
    fn precision(&self) -> Precision {
        Precision::F32
    }

    /// Chooses another precision.
    ///
    /// # Errors
    /// If the encoder computes in `f32` only, as all do on other devices than a CPU.
    fn set_precision(&mut self, precision: Precision) -> std::result::Result<(), PrecisionError> {
        match precision {
            Precision::F32 => Ok(()),
            _ => Err(PrecisionError { precision }),
        }
    }

    /// Says that parameters were changed in place. [`pass`](Self::pass) and
    /// [`encode`](Self::encode) may compute from a layout of them that was made before.
    fn weights_changed(&self) {}

    /// Width of a hidden row.
    fn hidden_size(&self) -> usize;

    /// Width of the embeddings, which a shift of the input has.
    fn embedding_size(&self) -> usize {
        self.hidden_size()
    }

    /// The longest sequence it reads, in tokens, special ones included.
    fn max_length(&self) -> usize;

    /// How many layers lie above the embeddings.
    fn layers(&self) -> usize;

    /// The layer a parameter belongs to: 0 for the embeddings, `1..=layers` above them from the
    /// bottom, `None` for a name that is no parameter of this encoder's kind.
    fn layer_of(&self, parameter_name: &str) -> Option<usize>;

    /// The `config.json` from which [`EncoderSpec`](crate::EncoderSpec) reads this encoder back.
    fn config_json(&self) -> serde_json::Value;
}
