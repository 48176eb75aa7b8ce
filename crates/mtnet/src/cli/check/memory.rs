//! How much memory training takes, about.
//!
//! Every number is four bytes. The weights are there once; each trained one has a gradient, and
//! moments: two under AdamW, one under SGD. Backward needs the results of every operation of the
//! batch: for each token about `ROWS_PER_LAYER` rows of the hidden width in each layer (query,
//! key, value, context, projection, two norms, feed-forward of four widths and its activation,
//! dropout). Attention scores are made again and take none. A checkpoint is put together in
//! memory: the weights once, the moments twice. Freed memory is kept for the next tensor, but not
//! every tensor fits into it, so the parts are added up.

use mtnet::train::optimizer::OptimizerKind;
use mtnet::train::run_file::RunFile;
use mtnet::train::trainer::Prepared;
use serde::Serialize;

use super::report::{Model, Texts};

/// Rows of the hidden width that a layer keeps for each token; measured on a published encoder.
const ROWS_PER_LAYER: usize = 25;

/// Bytes of a number.
const FLOAT: u64 = 4;

/// Bytes by what they are for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Memory {
    /// Weights.
    pub weights: u64,
    /// Gradients and moments.
    pub optimizer: u64,
    /// Results kept for backward, of the largest batch.
    pub activations: u64,
    /// A checkpoint on its way to the disk.
    pub checkpoint: u64,
    /// Tokens of that batch.
    pub batch_tokens: usize,
}

impl Memory {
    /// All of it.
    pub fn total(&self) -> u64 {
        self.weights + self.optimizer + self.activations + self.checkpoint
    }
}

/// The estimate for a prepared run.
pub fn estimate(run: &RunFile, prepared: &Prepared, model: &Model, texts: &[Texts]) -> Memory {
    let train = &run.config.train;
    let longest = texts
        .iter()
        .map(|texts| texts.tokens.max)
        .max()
        .unwrap_or(0)
        .min(model.max_length);
    let batch_tokens = match train.batch_size {
        Some(examples) => examples * longest,
        // A longer text goes alone.
        None => train.batch_tokens.max(longest),
    };
    let moments = match train.optimizer.optimizer {
        OptimizerKind::AdamW => 2,
        OptimizerKind::Sgd => 1,
    };
    let spec = &prepared.parts.spec;
    let rows = spec.layers().max(1) * ROWS_PER_LAYER * batch_tokens;
    let (weights, trained) = (
        model.parameters as u64 * FLOAT,
        model.trained as u64 * FLOAT,
    );
    Memory {
        weights,
        optimizer: trained * (1 + moments),
        checkpoint: weights + 2 * moments * trained,
        activations: (rows * spec.hidden_size()) as u64 * FLOAT,
        batch_tokens,
    }
}
