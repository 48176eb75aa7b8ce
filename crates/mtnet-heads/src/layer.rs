//! What every built-in head ends in: dropout and an affine map.

use candle_core::{Result, Tensor};
use candle_nn::{Init, VarBuilder};
use mtnet_kernels::{Activation, Mode, dropout, linear};

/// `scores = dropout(rows) · Wᵀ + b`, the classifier of BERT (Devlin et al. 2019, §4.1,
/// <https://arxiv.org/abs/1810.04805>): weights from a normal of deviation 0.02, biases 0.
#[derive(Clone, Debug)]
pub struct HeadLayer {
    weight: Tensor,
    bias: Tensor,
    dropout: f64,
}

impl HeadLayer {
    /// Makes `weight (columns, hidden)` and `bias (columns)` under `vb`, or reads them there.
    ///
    /// # Errors
    /// If a checkpoint lacks one of them or holds it in another shape.
    pub fn new(hidden: usize, columns: usize, dropout: f64, vb: &VarBuilder) -> Result<Self> {
        let normal = Init::Randn {
            mean: 0.0,
            stdev: 0.02,
        };
        Ok(Self {
            weight: vb.get_with_hints((columns, hidden), "weight", normal)?,
            bias: vb.get_with_hints(columns, "bias", Init::Const(0.0))?,
            dropout,
        })
    }

    /// Rows `(rows, hidden)` to scores `(rows, columns)`.
    ///
    /// # Errors
    /// If the rows have another width.
    pub fn forward(&self, rows: &Tensor, mode: &Mode) -> Result<Tensor> {
        let rows = dropout(rows, &mode.dropout(self.dropout))?;
        linear(&rows, &self.weight, Some(&self.bias), Activation::Identity)
    }
}

/// Whether a dropout probability is one.
pub(crate) fn check_dropout(kind: &str, dropout: f64) -> std::result::Result<(), crate::HeadError> {
    if (0.0..1.0).contains(&dropout) {
        return Ok(());
    }
    Err(crate::HeadError::Settings {
        kind: kind.to_owned(),
        message: format!("dropout is {dropout}, expected a number from 0 to below 1"),
    })
}

pub(crate) fn default_dropout() -> f64 {
    0.1
}
