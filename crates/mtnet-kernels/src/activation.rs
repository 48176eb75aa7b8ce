//! Activation functions, each a custom op with its derivative.
//!
//! GELU is `x · Φ(x)` (Hendrycks and Gimpel 2016, <https://arxiv.org/abs/1606.08415>), with `Φ` from
//! the error function (Abramowitz and Stegun 1964, 7.1.26, absolute error below 1.5e-7) or from
//! their tanh approximation; SiLU is `x · σ(x)` (Elfwing, Uchibe and Doya 2017).

use candle_core::{CpuStorage, CustomOp1, CustomOp2, Layout, Result, Shape, Tensor};
use rayon::prelude::*;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::isa::{exp, vectorized};
use crate::plain;
use crate::storage::{floats, fused};

/// What follows an affine map.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Activation {
    /// Nothing.
    #[default]
    Identity,
    /// `x · Φ(x)`, exactly.
    Gelu,
    /// `x · Φ(x)` by its tanh approximation.
    GeluTanh,
    /// `max(x, 0)`.
    Relu,
    /// `x · σ(x)`.
    Silu,
    /// Hyperbolic tangent.
    Tanh,
}

/// Applies an activation to every number of `x`, whatever its shape.
///
/// # Errors
/// If the device fails.
pub fn activate(x: &Tensor, activation: Activation) -> Result<Tensor> {
    if activation == Activation::Identity {
        Ok(x.clone())
    } else if fused(x) {
        x.contiguous()?.apply_op1(Activate(activation))
    } else {
        plain::activate(x, activation)
    }
}

const VALUES_PER_TASK: usize = 16 * 1024;

struct Activate(Activation);

impl CustomOp1 for Activate {
    fn name(&self) -> &'static str {
        "activation"
    }

    fn cpu_fwd(&self, x: &CpuStorage, layout: &Layout) -> Result<(CpuStorage, Shape)> {
        let x = floats("activation", x, layout)?;
        let mut y = vec![0f32; x.len()];
        y.par_chunks_mut(VALUES_PER_TASK)
            .zip(x.par_chunks(VALUES_PER_TASK))
            .for_each(|(y, x)| values(self.0, x, y));
        Ok((CpuStorage::F32(y), layout.shape().clone()))
    }

    fn bwd(&self, x: &Tensor, _: &Tensor, dy: &Tensor) -> Result<Option<Tensor>> {
        Ok(Some(x.apply_op2_no_bwd(
            &dy.contiguous()?,
            &ActivateBackward(self.0),
        )?))
    }
}

struct ActivateBackward(Activation);

impl CustomOp2 for ActivateBackward {
    fn name(&self) -> &'static str {
        "activation-backward"
    }

    fn cpu_fwd(
        &self,
        x: &CpuStorage,
        lx: &Layout,
        dy: &CpuStorage,
        ldy: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        let x = floats("activation-backward", x, lx)?;
        let dy = floats("activation-backward", dy, ldy)?;
        let mut dx = vec![0f32; x.len()];
        dx.par_chunks_mut(VALUES_PER_TASK)
            .zip(
                x.par_chunks(VALUES_PER_TASK)
                    .zip(dy.par_chunks(VALUES_PER_TASK)),
            )
            .for_each(|(dx, (x, dy))| slopes(self.0, x, dy, dx));
        Ok((CpuStorage::F32(dx), lx.shape().clone()))
    }
}

/// Runs a loop with the function of an activation, which gives the value and the slope at a point:
/// where the loop uses one of the two, the other costs nothing.
macro_rules! with_function {
    ($activation:expr, |$f:ident| $body:expr) => {
        match $activation {
            Activation::Identity => {
                let $f = |x: f32| (x, 1.0);
                $body
            }
            Activation::Gelu => {
                let $f = gelu;
                $body
            }
            Activation::GeluTanh => {
                let $f = gelu_tanh;
                $body
            }
            Activation::Relu => {
                let $f = relu;
                $body
            }
            Activation::Silu => {
                let $f = silu;
                $body
            }
            Activation::Tanh => {
                let $f = tanh_and_slope;
                $body
            }
        }
    };
}

vectorized! {
    fn values(activation: Activation, x: &[f32], y: &mut [f32]) {
        with_function!(activation, |f| {
            for (y, &x) in y.iter_mut().zip(x) {
                *y = f(x).0;
            }
        });
    }
}

vectorized! {
    fn slopes(activation: Activation, x: &[f32], dy: &[f32], dx: &mut [f32]) {
        with_function!(activation, |f| {
            for ((dx, &dy), &x) in dx.iter_mut().zip(dy).zip(x) {
                *dx = dy * f(x).1;
            }
        });
    }
}

vectorized! {
    /// `x = activation(x + bias)`.
    pub(crate) fn activate_row(activation: Activation, bias: &[f32], x: &mut [f32]) {
        with_function!(activation, |f| {
            for (x, &bias) in x.iter_mut().zip(bias) {
                *x = f(*x + bias).0;
            }
        });
    }
}

vectorized! {
    /// `y = activation(x + bias)`, and `x` becomes the slope there.
    pub(crate) fn activate_row_with_slope(activation: Activation, bias: &[f32], x: &mut [f32], y: &mut [f32]) {
        with_function!(activation, |f| {
            for ((x, y), &bias) in x.iter_mut().zip(y).zip(bias) {
                (*y, *x) = f(*x + bias);
            }
        });
    }
}

const ROOT_2_OVER_PI: f32 = 0.797_884_6;

#[inline(always)]
fn gelu(x: f32) -> (f32, f32) {
    const INVERSE_ROOT: f32 = 0.398_942_3; // 1 / sqrt(2π)
    let z = x.abs() * std::f32::consts::FRAC_1_SQRT_2;
    let t = 1.0 / (1.0 + 0.327_591_1 * z);
    let p = 1.061_405_4;
    let p = p * t - 1.453_152;
    let p = p * t + 1.421_413_7;
    let p = p * t - 0.284_496_74;
    let p = p * t + 0.254_829_6;
    let bell = exp(-0.5 * x * x);
    let tail = 0.5 * p * t * bell;
    let normal_cdf = if x >= 0.0 { 1.0 - tail } else { tail };
    (x * normal_cdf, normal_cdf + x * INVERSE_ROOT * bell)
}

#[inline(always)]
fn gelu_tanh(x: f32) -> (f32, f32) {
    let t = tanh(ROOT_2_OVER_PI * (x + 0.044_715 * x * x * x));
    let inner = ROOT_2_OVER_PI * (1.0 + 3.0 * 0.044_715 * x * x);
    (
        0.5 * x * (1.0 + t),
        0.5 * (1.0 + t) + 0.5 * x * (1.0 - t * t) * inner,
    )
}

#[inline(always)]
fn relu(x: f32) -> (f32, f32) {
    if x > 0.0 { (x, 1.0) } else { (0.0, 0.0) }
}

#[inline(always)]
fn silu(x: f32) -> (f32, f32) {
    let s = 1.0 / (1.0 + exp(-x));
    (x * s, s * (1.0 + x * (1.0 - s)))
}

#[inline(always)]
fn tanh_and_slope(x: f32) -> (f32, f32) {
    let t = tanh(x);
    (t, 1.0 - t * t)
}

#[inline(always)]
fn tanh(x: f32) -> f32 {
    // Near 0 the quotient loses digits; there the series x - x³/3 + 2x⁵/15 is exact enough.
    let e = exp(-2.0 * x.abs());
    let far = (1.0 - e) / (1.0 + e);
    let square = x * x;
    let near = x.abs() * (1.0 - square * (0.333_333_34 - square * 0.133_333_34));
    let size = if x.abs() < 0.1 { near } else { far };
    if x < 0.0 { -size } else { size }
}
