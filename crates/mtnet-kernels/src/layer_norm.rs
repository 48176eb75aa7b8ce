//! Layer normalisation with its residual: `y = (h - mean(h)) / sqrt(var(h) + eps) · w + b`, `h = x + residual`.
//!
//! Ba, Kiros and Hinton 2016, <https://arxiv.org/abs/1607.06450>; the variance is the biased one.
//! Backward, with `n = (h - mean) / sd` and `g = dy · w`:
//! `dh = (g - mean(g) - n · mean(g · n)) / sd`, `dw = Σ_rows dy · n`, `db = Σ_rows dy`.

use candle_core::{CpuStorage, CustomOp2, CustomOp3, Layout, Result, Shape, Tensor, bail};
use rayon::prelude::*;

use crate::isa::{lane_sum, vectorized};
use crate::linear::add_to;
use crate::plain;
use crate::storage::{ROWS_PER_TASK, floats, fused};

/// Normalises each row of `x + residual`.
///
/// `x` and `residual (rows, hidden)`, `weight` and `bias (hidden)`; gives `(rows, hidden)`.
///
/// # Errors
/// If the shapes do not fit.
pub fn layer_norm(
    x: &Tensor,
    residual: Option<&Tensor>,
    weight: &Tensor,
    bias: &Tensor,
    eps: f64,
) -> Result<Tensor> {
    let (rows, hidden) = x.dims2()?;
    if weight.dims() != [hidden] || bias.dims() != [hidden] {
        bail!(
            "layer norm: x is ({rows}, {hidden}), expected weight and bias of shape ({hidden}), found {:?} and {:?}",
            weight.dims(),
            bias.dims()
        );
    }
    let h = match residual {
        Some(residual) => sum(x, residual)?,
        None => x.clone(),
    };
    if fused(&h) {
        h.contiguous()?.apply_op3(
            &weight.contiguous()?,
            &bias.contiguous()?,
            LayerNorm { eps: eps as f32 },
        )
    } else {
        plain::layer_norm(&h, weight, bias, eps)
    }
}

/// `x + residual`, of one shape.
fn sum(x: &Tensor, residual: &Tensor) -> Result<Tensor> {
    if fused(x) && x.dims() == residual.dims() {
        x.contiguous()?.apply_op2(&residual.contiguous()?, Sum)
    } else {
        x.add(residual)
    }
}

/// Runs on the same threads as its neighbours, which candle's own addition does not.
struct Sum;

impl CustomOp2 for Sum {
    fn name(&self) -> &'static str {
        "residual"
    }

    fn cpu_fwd(
        &self,
        x: &CpuStorage,
        lx: &Layout,
        r: &CpuStorage,
        lr: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        let mut sum = floats("residual", x, lx)?.to_vec();
        let r = floats("residual", r, lr)?;
        sum.par_chunks_mut(VALUES_PER_TASK)
            .zip(r.par_chunks(VALUES_PER_TASK))
            .for_each(|(sum, r)| add_to(sum, r));
        Ok((CpuStorage::F32(sum), lx.shape().clone()))
    }

    fn bwd(
        &self,
        _: &Tensor,
        _: &Tensor,
        _: &Tensor,
        dy: &Tensor,
    ) -> Result<(Option<Tensor>, Option<Tensor>)> {
        Ok((Some(dy.clone()), Some(dy.clone())))
    }
}

const VALUES_PER_TASK: usize = 16 * 1024;

struct LayerNorm {
    eps: f32,
}

impl CustomOp3 for LayerNorm {
    fn name(&self) -> &'static str {
        "layer-norm"
    }

    fn cpu_fwd(
        &self,
        h: &CpuStorage,
        lh: &Layout,
        w: &CpuStorage,
        lw: &Layout,
        b: &CpuStorage,
        lb: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        let (_, hidden) = lh.shape().dims2()?;
        let h = floats("layer-norm", h, lh)?;
        let (w, b) = (floats("layer-norm", w, lw)?, floats("layer-norm", b, lb)?);
        let mut y = vec![0f32; h.len()];
        let part = ROWS_PER_TASK * hidden;
        y.par_chunks_mut(part)
            .zip(h.par_chunks(part))
            .for_each(|(y, h)| rows_forward(h, w, b, self.eps, y));
        Ok((CpuStorage::F32(y), lh.shape().clone()))
    }

    fn bwd(
        &self,
        h: &Tensor,
        w: &Tensor,
        _: &Tensor,
        _: &Tensor,
        dy: &Tensor,
    ) -> Result<(Option<Tensor>, Option<Tensor>, Option<Tensor>)> {
        let (rows, _) = h.dims2()?;
        let all = h.apply_op3_no_bwd(w, &dy.contiguous()?, &LayerNormBackward { eps: self.eps })?;
        let dh = all.narrow(0, 0, rows)?;
        Ok((Some(dh), Some(all.get(rows)?), Some(all.get(rows + 1)?)))
    }
}

/// `(h, w, dy)` to `dh` with two more rows: `dw` and `db`.
struct LayerNormBackward {
    eps: f32,
}

impl CustomOp3 for LayerNormBackward {
    fn name(&self) -> &'static str {
        "layer-norm-backward"
    }

    fn cpu_fwd(
        &self,
        h: &CpuStorage,
        lh: &Layout,
        w: &CpuStorage,
        lw: &Layout,
        dy: &CpuStorage,
        ldy: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        let name = "layer-norm-backward";
        let (rows, hidden) = lh.shape().dims2()?;
        let (h, w, dy) = (
            floats(name, h, lh)?,
            floats(name, w, lw)?,
            floats(name, dy, ldy)?,
        );
        let mut out = vec![0f32; (rows + 2) * hidden];
        let part = ROWS_PER_TASK * hidden;
        let (dh, sums) = out.split_at_mut(rows * hidden);
        let partial: Vec<Vec<f32>> = dh
            .par_chunks_mut(part)
            .zip(h.par_chunks(part).zip(dy.par_chunks(part)))
            .map(|(dh, (h, dy))| {
                let mut sums = vec![0f32; 2 * hidden];
                rows_backward(h, w, dy, self.eps, dh, &mut sums);
                sums
            })
            .collect();
        partial.iter().for_each(|part| add_to(sums, part));
        Ok((CpuStorage::F32(out), Shape::from((rows + 2, hidden))))
    }
}

vectorized! {
    fn rows_forward(h: &[f32], w: &[f32], b: &[f32], eps: f32, y: &mut [f32]) {
        let hidden = w.len();
        for (h, y) in h.chunks_exact(hidden).zip(y.chunks_exact_mut(hidden)) {
            let (mean, scale) = moments(h, eps);
            for (((y, &h), &w), &b) in y.iter_mut().zip(h).zip(w).zip(b) {
                *y = (h - mean) * scale * w + b;
            }
        }
    }
}

vectorized! {
    fn rows_backward(h: &[f32], w: &[f32], dy: &[f32], eps: f32, dh: &mut [f32], sums: &mut [f32]) {
        let hidden = w.len();
        let (dw, db) = sums.split_at_mut(hidden);
        let rows = h.chunks_exact(hidden).zip(dy.chunks_exact(hidden)).zip(dh.chunks_exact_mut(hidden));
        for ((h, dy), dh) in rows {
            let (mean, scale) = moments(h, eps);
            let mean_g = lane_sum(hidden, |i| dy[i] * w[i]) / hidden as f32;
            let mean_gn = lane_sum(hidden, |i| dy[i] * w[i] * (h[i] - mean) * scale) / hidden as f32;
            for i in 0..hidden {
                let n = (h[i] - mean) * scale;
                dh[i] = (dy[i] * w[i] - mean_g - n * mean_gn) * scale;
                dw[i] += dy[i] * n;
                db[i] += dy[i];
            }
        }
    }
}

/// Mean of a row, and one over its standard deviation.
#[inline(always)]
fn moments(h: &[f32], eps: f32) -> (f32, f32) {
    let mean = lane_sum(h.len(), |i| h[i]) / h.len() as f32;
    let variance = lane_sum(h.len(), |i| (h[i] - mean) * (h[i] - mean)) / h.len() as f32;
    (mean, 1.0 / (variance + eps).sqrt())
}
