//! What a server asks.

use mtnet_model::{Ask, ModelError, PredictInput, Predictor, PreparedInput, Replies};

/// A model that a server asks. [`Predictor`] is one; others wrap it, to watch or to disturb it.
#[allow(
    clippy::result_large_err,
    reason = "the errors of the predictor, as it gives them"
)]
pub trait Backend: Send + Sync + 'static {
    /// The predictor behind it: tasks, tokenizer, sizes.
    fn predictor(&self) -> &Predictor;

    /// Tokenises an input. Called from several threads at once.
    ///
    /// # Errors
    /// If it cannot be tokenised.
    fn prepare(&self, input: PredictInput) -> Result<PreparedInput, ModelError> {
        self.predictor().prepare(input)
    }

    /// Answers a batch.
    ///
    /// # Errors
    /// If the model fails.
    fn answer(&self, inputs: &[(&PreparedInput, &Ask)]) -> Result<Replies, ModelError> {
        self.predictor().answer(inputs)
    }
}

impl Backend for Predictor {
    fn predictor(&self) -> &Predictor {
        self
    }
}
