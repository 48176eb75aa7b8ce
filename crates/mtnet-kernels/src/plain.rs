//! The same operations as plain compositions of candle operations.
//!
//! They run on every device and type, carry gradients by candle's own rules, and are what the
//! fused loops are tested against.

use std::sync::Arc;

use candle_core::{D, Result, Tensor};
use mtnet_core::Offsets;

use crate::{Activation, Dropout, Pooling};

/// `x (rows, in) · weightᵀ + bias`, see [`linear`](crate::linear).
///
/// # Errors
/// If the shapes do not fit.
pub fn linear(x: &Tensor, weight: &Tensor, bias: Option<&Tensor>) -> Result<Tensor> {
    let product = x.matmul(&weight.t()?)?;
    match bias {
        Some(bias) => product.broadcast_add(bias),
        None => Ok(product),
    }
}

/// See [`activate`](crate::activate).
///
/// # Errors
/// If the device fails.
pub fn activate(x: &Tensor, activation: Activation) -> Result<Tensor> {
    match activation {
        Activation::Identity => Ok(x.clone()),
        Activation::Gelu => x.gelu_erf(),
        Activation::GeluTanh => x.gelu(),
        Activation::Relu => x.relu(),
        Activation::Silu => x.silu(),
        Activation::Tanh => x.tanh(),
    }
}

/// Normalises each row of `h`, see [`layer_norm`](crate::layer_norm).
///
/// # Errors
/// If the shapes do not fit.
pub fn layer_norm(h: &Tensor, weight: &Tensor, bias: &Tensor, eps: f64) -> Result<Tensor> {
    let centred = h.broadcast_sub(&h.mean_keepdim(D::Minus1)?)?;
    let variance = centred.sqr()?.mean_keepdim(D::Minus1)?;
    centred
        .broadcast_div(&(variance + eps)?.sqrt()?)?
        .broadcast_mul(weight)?
        .broadcast_add(bias)
}

/// See [`dropout`](crate::dropout); draws the same mask as the fused loop.
///
/// # Errors
/// If the device fails.
pub fn dropout(x: &Tensor, dropout: &Dropout) -> Result<Tensor> {
    let mut mask = vec![1f32; x.elem_count()];
    dropout.apply(0, &mut mask);
    x.mul(&Tensor::from_vec(mask, x.shape(), x.device())?.to_dtype(x.dtype())?)
}

/// See [`segment_pool`](crate::segment_pool).
///
/// # Errors
/// If the shapes do not fit.
pub fn segment_pool(x: &Tensor, offsets: &Offsets, pooling: Pooling) -> Result<Tensor> {
    if pooling == Pooling::First {
        let first: Vec<u32> = offsets.ranges().map(|range| range.start as u32).collect();
        return x.index_select(&Tensor::from_vec(first, offsets.len(), x.device())?, 0);
    }
    let rows = offsets
        .ranges()
        .map(|range| {
            let rows = x.narrow(0, range.start, range.len())?;
            if pooling == Pooling::Mean {
                rows.mean_keepdim(0)
            } else {
                rows.max_keepdim(0)
            }
        })
        .collect::<Result<Vec<_>>>()?;
    Tensor::cat(&rows, 0)
}

/// See [`window_concat`](crate::window_concat).
///
/// # Errors
/// If the shapes do not fit.
pub fn window_concat(x: &Tensor, offsets: &Offsets, radius: usize) -> Result<Tensor> {
    let (tokens, width) = x.dims2()?;
    // Row `tokens` stands for what lies past an end.
    let padded = Tensor::cat(&[x, &Tensor::zeros((1, width), x.dtype(), x.device())?], 0)?;
    let mut rows = Vec::with_capacity(tokens * (2 * radius + 1));
    for range in offsets.ranges() {
        for at in range.clone() {
            for slot in 0..=2 * radius {
                let row = (at + slot)
                    .checked_sub(radius)
                    .filter(|row| range.contains(row));
                rows.push(row.unwrap_or(tokens) as u32);
            }
        }
    }
    let count = rows.len();
    padded
        .index_select(&Tensor::from_vec(rows, count, x.device())?, 0)?
        .reshape((tokens, (2 * radius + 1) * width))
}

/// See [`attention`](crate::attention): sequences are laid out to the longest, masked, and laid
/// back end to end.
///
/// # Errors
/// If the shapes do not fit.
pub fn attention(
    q: &Tensor,
    k: &Tensor,
    v: &Tensor,
    offsets: &Arc<Offsets>,
    num_heads: usize,
    dropout: &Dropout,
) -> Result<Tensor> {
    let (_, hidden) = q.dims2()?;
    let (batch, longest, size) = (offsets.len(), offsets.longest(), hidden / num_heads);
    let device = q.device();
    let mut from = Vec::with_capacity(batch * longest);
    let mut back = Vec::with_capacity(offsets.total());
    let mut mask = Vec::with_capacity(batch * longest);
    for (sequence, range) in offsets.ranges().enumerate() {
        for at in 0..longest {
            let inside = at < range.len();
            from.push(if inside {
                range.start + at
            } else {
                range.start
            } as u32);
            mask.push(if inside { 0f32 } else { -1e9 });
            if inside {
                back.push((sequence * longest + at) as u32);
            }
        }
    }
    let from = Tensor::from_vec(from, batch * longest, device)?;
    let mask = Tensor::from_vec(mask, (batch, 1, 1, longest), device)?.to_dtype(q.dtype())?;
    let heads = |x: &Tensor| {
        x.index_select(&from, 0)?
            .reshape((batch, longest, num_heads, size))?
            .transpose(1, 2)?
            .contiguous()
    };
    let (q, k, v) = (heads(q)?, heads(k)?, heads(v)?);
    let scores = (q.matmul(&k.transpose(2, 3)?.contiguous()?)? / (size as f64).sqrt())?
        .broadcast_add(&mask)?;
    let mut probabilities = candle_nn::ops::softmax(&scores, D::Minus1)?;
    if !dropout.is_none() {
        let keep = attention_mask(offsets, num_heads, longest, dropout);
        let keep = Tensor::from_vec(keep, (batch, num_heads, longest, longest), device)?;
        probabilities = probabilities.mul(&keep.to_dtype(probabilities.dtype())?)?;
    }
    let mixed = probabilities
        .matmul(&v)?
        .transpose(1, 2)?
        .contiguous()?
        .reshape((batch * longest, hidden))?;
    let count = back.len();
    mixed.index_select(&Tensor::from_vec(back, count, device)?, 0)
}

/// The draws of the fused loop, laid out `(batch, heads, longest, longest)`.
fn attention_mask(offsets: &Offsets, heads: usize, longest: usize, dropout: &Dropout) -> Vec<f32> {
    let mut all = vec![1f32; offsets.len() * heads * longest * longest];
    for (sequence, range) in offsets.ranges().enumerate() {
        let stride = range.len().next_multiple_of(16);
        for head in 0..heads {
            let mut mask = vec![1f32; range.len() * stride];
            dropout.at(sequence).at(head).apply(0, &mut mask);
            for (row, mask) in mask.chunks_exact(stride).enumerate() {
                let at = ((sequence * heads + head) * longest + row) * longest;
                all[at..at + range.len()].copy_from_slice(&mask[..range.len()]);
            }
        }
    }
    all
}

/// Log of the softmax of each row, with a gradient (candle's own fused softmax has none).
///
/// # Errors
/// If the device fails.
pub fn log_softmax(x: &Tensor) -> Result<Tensor> {
    let largest = x.max_keepdim(D::Minus1)?.detach();
    let shifted = x.broadcast_sub(&largest)?;
    let sum = shifted.exp()?.sum_keepdim(D::Minus1)?;
    shifted.broadcast_sub(&sum.log()?)
}
