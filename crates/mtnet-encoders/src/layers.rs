//! The parameters that every encoder is made of, with their initial values.

use candle_core::{Result, Tensor};
use candle_nn::{Init, VarBuilder};
use mtnet_kernels::{Activation, layer_norm, linear};

/// `activation(x · Wᵀ + b)`, with `weight (outputs, inputs)` and `bias (outputs)`.
pub(crate) struct Linear {
    weight: Tensor,
    bias: Tensor,
    activation: Activation,
}

impl Linear {
    /// Makes or reads `weight` and `bias`; a new bias is zero.
    pub(crate) fn new(
        inputs: usize,
        outputs: usize,
        activation: Activation,
        weight: Init,
        vb: VarBuilder,
    ) -> Result<Self> {
        Ok(Self {
            weight: vb.get_with_hints((outputs, inputs), "weight", weight)?,
            bias: vb.get_with_hints(outputs, "bias", Init::Const(0.0))?,
            activation,
        })
    }

    /// Weight and bias.
    pub(crate) fn parameters(&self) -> (&Tensor, &Tensor) {
        (&self.weight, &self.bias)
    }

    /// `(rows, inputs)` to `(rows, outputs)`.
    pub(crate) fn forward(&self, x: &Tensor) -> Result<Tensor> {
        linear(x, &self.weight, Some(&self.bias), self.activation)
    }
}

/// Layer normalisation with `weight` and `bias (hidden)`.
pub(crate) struct LayerNorm {
    weight: Tensor,
    bias: Tensor,
    eps: f64,
}

impl LayerNorm {
    /// Makes or reads `weight` and `bias`; new ones change nothing.
    pub(crate) fn new(hidden: usize, eps: f64, vb: VarBuilder) -> Result<Self> {
        Ok(Self {
            weight: vb.get_with_hints(hidden, "weight", Init::Const(1.0))?,
            bias: vb.get_with_hints(hidden, "bias", Init::Const(0.0))?,
            eps,
        })
    }

    /// Weight and bias.
    pub(crate) fn parameters(&self) -> (&Tensor, &Tensor) {
        (&self.weight, &self.bias)
    }

    /// Normalises the rows of `x + residual`, each `(rows, hidden)`.
    pub(crate) fn forward(&self, x: &Tensor, residual: Option<&Tensor>) -> Result<Tensor> {
        layer_norm(x, residual, &self.weight, &self.bias, self.eps)
    }
}

/// Makes or reads an embedding table `(rows, width)`, the `weight` under `vb`.
pub(crate) fn embedding_table(
    rows: usize,
    width: usize,
    deviation: f64,
    vb: VarBuilder,
) -> Result<Tensor> {
    vb.get_with_hints((rows, width), "weight", normal(deviation))
}

/// Normal initial values around zero.
pub(crate) fn normal(deviation: f64) -> Init {
    Init::Randn {
        mean: 0.0,
        stdev: deviation,
    }
}
