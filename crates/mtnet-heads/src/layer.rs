//! What every built-in head ends in: dropout and an affine map, with a dense layer before it where
//! the settings name one.

use candle_core::{Result, Tensor};
use candle_nn::{Init, VarBuilder};
use mtnet_kernels::{Activation, Mode, dropout, linear};

/// `scores = dropout(rows) · Wᵀ + b`, the classifier of BERT (Devlin et al. 2019, §4.1,
/// <https://arxiv.org/abs/1810.04805>): weights from a normal of deviation 0.02, biases 0.
///
/// With a dense layer the rows are `activation(rows · Wdᵀ + bd)`, as the classifiers that were
/// published for BERT (`tanh`), RoBERTa (`tanh`), ELECTRA (`gelu`) and DistilBERT (`relu`) have it.
#[derive(Clone, Debug)]
pub struct HeadLayer {
    weight: Tensor,
    bias: Option<Tensor>,
    dense: Option<Dense>,
    dropout: f64,
}

#[derive(Clone, Debug)]
struct Dense {
    weight: Tensor,
    bias: Tensor,
    activation: Activation,
}

impl HeadLayer {
    /// Makes `weight (columns, hidden)` and `bias (columns)` under `vb`, or reads them there.
    ///
    /// # Errors
    /// If a checkpoint lacks one of them or holds it in another shape.
    pub fn new(hidden: usize, columns: usize, dropout: f64, vb: &VarBuilder) -> Result<Self> {
        Ok(Self {
            weight: vb.get_with_hints((columns, hidden), "weight", NORMAL)?,
            bias: Some(vb.get_with_hints(columns, "bias", Init::Const(0.0))?),
            dense: None,
            dropout,
        })
    }

    /// The same without a bias, for scores that only their differences count of.
    ///
    /// # Errors
    /// As [`new`](Self::new).
    pub fn without_bias(
        hidden: usize,
        columns: usize,
        dropout: f64,
        vb: &VarBuilder,
    ) -> Result<Self> {
        Ok(Self {
            weight: vb.get_with_hints((columns, hidden), "weight", NORMAL)?,
            bias: None,
            dense: None,
            dropout,
        })
    }

    /// Puts a dense layer of the same width before it where an activation is named: makes
    /// `dense.weight (hidden, hidden)` and `dense.bias (hidden)` under `vb`, or reads them there.
    ///
    /// # Errors
    /// If a checkpoint lacks one of them or holds it in another shape.
    pub fn with_dense(mut self, activation: Option<Activation>, vb: &VarBuilder) -> Result<Self> {
        if let Some(activation) = activation {
            let (hidden, vb) = (self.weight.dim(1)?, vb.pp("dense"));
            self.dense = Some(Dense {
                weight: vb.get_with_hints((hidden, hidden), "weight", NORMAL)?,
                bias: vb.get_with_hints(hidden, "bias", Init::Const(0.0))?,
                activation,
            });
        }
        Ok(self)
    }

    /// Rows `(rows, hidden)` to scores `(rows, columns)`.
    ///
    /// # Errors
    /// If the rows have another width.
    pub fn forward(&self, rows: &Tensor, mode: &Mode) -> Result<Tensor> {
        let rows = match &self.dense {
            None => rows.clone(),
            Some(dense) => linear(rows, &dense.weight, Some(&dense.bias), dense.activation)?,
        };
        let rows = dropout(&rows, &mode.dropout(self.dropout))?;
        linear(
            &rows,
            &self.weight,
            self.bias.as_ref(),
            Activation::Identity,
        )
    }
}

/// What new weights are drawn from.
const NORMAL: Init = Init::Randn {
    mean: 0.0,
    stdev: 0.02,
};

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
