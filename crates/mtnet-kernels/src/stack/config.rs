//! The sizes and probabilities that define a stack.

use candle_core::{Result, bail};

use crate::Activation;

/// A post-norm transformer encoder (Vaswani et al. 2017, §3.1; Devlin et al. 2019, §3).
#[derive(Clone, Debug, PartialEq)]
pub struct StackConfig {
    /// Width of the embeddings; where it differs from `hidden`, they are projected to it.
    pub embedding_size: usize,
    /// Width of the hidden rows.
    pub hidden: usize,
    /// Width inside the feed-forward part.
    pub inner: usize,
    /// Attention heads of a layer, a divisor of `hidden`.
    pub heads: usize,
    /// Number of layers.
    pub layers: usize,
    /// Activation inside the feed-forward part.
    pub activation: Activation,
    /// Added to the variance in layer normalisation.
    pub layer_norm_eps: f64,
    /// Neighbours to each side that the projection of the embeddings sees, 0 for none.
    pub window_radius: usize,
    /// Probability of dropping a number of the embeddings.
    pub embedding_dropout: f64,
    /// Probability of dropping an attention weight.
    pub attention_dropout: f64,
    /// Probability of dropping a number of what attention gives, before the residual.
    pub attention_output_dropout: f64,
    /// Probability of dropping a number of what the feed-forward part gives, before the residual.
    pub output_dropout: f64,
    /// Probability of leaving a layer out of a training step (Fan, Grave and Joulin 2020,
    /// "LayerDrop", §3.2, after the stochastic depth of Huang et al. 2016).
    pub layer_drop: f64,
}

impl StackConfig {
    /// Whether the embeddings pass a linear map to the hidden size.
    pub fn has_projection(&self) -> bool {
        self.embedding_size != self.hidden || self.window_radius > 0
    }

    /// Width of what the projection of the embeddings reads.
    pub(super) fn window_width(&self) -> usize {
        (2 * self.window_radius + 1) * self.embedding_size
    }

    pub(super) fn check(&self) -> Result<()> {
        if [self.embedding_size, self.hidden, self.inner, self.heads].contains(&0) {
            bail!("stack: no size may be 0, found {self:?}");
        }
        if !self.hidden.is_multiple_of(self.heads) {
            bail!(
                "stack: {} heads do not divide the hidden size {}",
                self.heads,
                self.hidden
            );
        }
        Ok(())
    }
}
