//! One forward pass of an encoder that several backward passes may follow.
//!
//! Heads are small and differ; the encoder is large and the same for all of them. Between the two
//! stands the hidden rows' gradient, the *slope*: heads give one, and the encoder turns it into
//! gradients of its parameters. Several tasks on the same texts share the forward pass and give a
//! slope each.

use std::fmt::Debug;

use candle_core::{Result, Tensor, Var, bail};
use mtnet_kernels::GradientBuffer;

/// What a forward pass left behind: its hidden rows, and the way back to the parameters.
pub trait EncoderPass: Debug {
    /// Hidden rows `(tokens, hidden)`, with no graph behind them.
    fn hidden(&self) -> &Tensor;

    /// Adds to each buffer the gradient of the encoder's parameters for its slope
    /// `(tokens, hidden)`. May be called again.
    ///
    /// # Errors
    /// If a slope has another shape than the hidden rows, or the device fails.
    fn backward(&self, terms: &mut [Slope<'_>]) -> Result<()>;

    /// The gradient of the input's shift `(tokens, embedding size)` for a slope
    /// `(tokens, hidden)`.
    ///
    /// # Errors
    /// If the input was not shifted, the slope has another shape than the hidden rows, or the
    /// device fails.
    fn slope_at_input(&self, slope: &Tensor) -> Result<Tensor>;
}

/// The gradient of one loss with respect to the hidden rows, and where its way to the parameters
/// ends.
#[derive(Debug)]
pub struct Slope<'a> {
    /// `(tokens, hidden)`.
    pub slope: &'a Tensor,
    /// What the parameters' gradients are added to. Parameters that its layout lacks get none.
    pub into: &'a mut GradientBuffer,
}

/// A pass whose way back is candle's graph.
#[derive(Debug)]
pub(crate) struct GraphPass {
    graph: Tensor,
    hidden: Tensor,
    shift: Option<Var>,
}

impl GraphPass {
    /// From hidden rows as [`Encoder::forward`](crate::Encoder::forward) gives them, and the shift
    /// of their input.
    pub(crate) fn new(graph: Tensor, shift: Option<Var>) -> Self {
        let hidden = graph.detach();
        Self {
            graph,
            hidden,
            shift,
        }
    }
}

impl EncoderPass for GraphPass {
    fn hidden(&self) -> &Tensor {
        &self.hidden
    }

    fn backward(&self, terms: &mut [Slope<'_>]) -> Result<()> {
        if !self.graph.track_op() {
            return Ok(());
        }
        for term in terms {
            // The gradient of Σ hidden · slope with respect to hidden is the slope.
            let surrogate = (&self.graph * term.slope.detach())?.sum_all()?;
            let mut store = surrogate.backward()?;
            term.into.add_from(&mut store, 1.0)?;
        }
        Ok(())
    }

    fn slope_at_input(&self, slope: &Tensor) -> Result<Tensor> {
        let Some(shift) = &self.shift else {
            bail!("the gradient of a shift was asked for, but the input has none");
        };
        let surrogate = (&self.graph * slope.detach())?.sum_all()?;
        match surrogate.backward()?.remove(shift) {
            Some(gradient) => Ok(gradient),
            None => shift.zeros_like(),
        }
    }
}
