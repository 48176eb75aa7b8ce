//! One forward pass of an encoder that several backward passes may follow.
//!
//! Heads are small and differ; the encoder is large and the same for all of them. Between the two
//! stands the hidden rows' gradient, the *slope*: heads give one, and the encoder turns it into
//! gradients of its parameters. Several tasks on the same texts share the forward pass and give a
//! slope each.

use std::fmt::Debug;
use std::sync::Arc;

use candle_core::backprop::GradStore;
use candle_core::{Result, Tensor, TensorId, Var, bail};
use mtnet_kernels::{GradientBuffer, embedding};

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
    rows: Option<TableRows>,
}

/// The rows of an embedding table that a pass read. The graph ends at them, so that its way back
/// costs nothing for the rows that were not read.
#[derive(Debug)]
pub(crate) struct TableRows {
    table: TensorId,
    /// `(tokens)`.
    ids: Tensor,
    /// `(tokens, width)`.
    rows: Var,
}

impl TableRows {
    /// Reads the rows `ids (tokens)` of `table (rows, width)`.
    ///
    /// # Errors
    /// If an id lies past the table.
    pub(crate) fn read(table: &Tensor, ids: &Tensor) -> Result<Self> {
        Ok(Self {
            table: table.id(),
            ids: ids.clone(),
            rows: Var::from_tensor(&embedding(&table.detach(), ids)?)?,
        })
    }

    /// The rows, `(tokens, width)`.
    pub(crate) fn rows(&self) -> &Tensor {
        self.rows.as_tensor()
    }

    fn take_gradient(&self, store: &mut GradStore, into: &mut GradientBuffer) -> Result<()> {
        let Some(slopes) = store.remove(&self.rows) else {
            return Ok(());
        };
        let layout = Arc::clone(into.layout());
        let mut entries = layout.entries().iter();
        match entries.position(|entry| entry.variable.id() == self.table) {
            Some(index) => into.add_rows(index, &self.ids, &slopes),
            None => Ok(()),
        }
    }
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
            rows: None,
        }
    }

    /// The same over a graph that ends at rows of a table.
    pub(crate) fn above(self, rows: TableRows) -> Self {
        Self {
            rows: Some(rows),
            ..self
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
            if let Some(rows) = &self.rows {
                rows.take_gradient(&mut store, term.into)?;
            }
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
