//! Multi-head self-attention inside each sequence of a packed batch.
//!
//! `softmax(q · kᵀ / sqrt(d)) · v` a head (Vaswani et al. 2017, §3.2,
//! <https://arxiv.org/abs/1706.03762>), computed one sequence and head at a time, so that its
//! scores stay in cache and no score between two sequences is ever formed. Backward computes the
//! probabilities again: they are cheaper to make than to keep. The loops are those of the
//! [stack](crate::Stack).

use std::sync::{Arc, LazyLock};

use candle_core::{CpuStorage, CustomOp3, Layout, Result, Shape, Tensor, bail};
use mtnet_core::Offsets;

use crate::dropout::Dropout;
use crate::plain;
use crate::segment::check;
use crate::stack::{Heads, Pool};
use crate::storage::{floats, fused};

/// Attention of every token to the tokens of its own sequence.
///
/// `q`, `k` and `v (tokens, heads · head size)`, head by head within a row; gives the same shape.
/// Dropout falls on the probabilities.
///
/// # Errors
/// If shapes differ, the width is no multiple of `num_heads`, or the offsets do not span the tokens.
pub fn attention(
    q: &Tensor,
    k: &Tensor,
    v: &Tensor,
    offsets: &Arc<Offsets>,
    num_heads: usize,
    dropout: &Dropout,
) -> Result<Tensor> {
    check(q, offsets, "attention")?;
    let (_, hidden) = q.dims2()?;
    if num_heads == 0 || hidden % num_heads != 0 || q.dims() != k.dims() || q.dims() != v.dims() {
        bail!(
            "attention: expected q, k and v of one shape whose width {num_heads} heads divide, found {:?}, {:?} and {:?}",
            q.dims(),
            k.dims(),
            v.dims()
        );
    }
    if fused(q) {
        let op = Attention {
            offsets: offsets.clone(),
            heads: num_heads,
            dropout: *dropout,
        };
        q.contiguous()?
            .apply_op3(&k.contiguous()?, &v.contiguous()?, op)
    } else {
        plain::attention(q, k, v, offsets, num_heads, dropout)
    }
}

#[derive(Clone)]
struct Attention {
    offsets: Arc<Offsets>,
    heads: usize,
    dropout: Dropout,
}

impl CustomOp3 for Attention {
    fn name(&self) -> &'static str {
        "attention"
    }

    fn cpu_fwd(
        &self,
        q: &CpuStorage,
        lq: &Layout,
        k: &CpuStorage,
        lk: &Layout,
        v: &CpuStorage,
        lv: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        let (_, hidden) = lq.shape().dims2()?;
        let (q, k, v) = (
            floats("attention", q, lq)?,
            floats("attention", k, lk)?,
            floats("attention", v, lv)?,
        );
        let mut out = vec![0f32; q.len()];
        self.heads(q, k, v, hidden).forward_whole(&mut out);
        Ok((CpuStorage::F32(out), lq.shape().clone()))
    }

    fn bwd(
        &self,
        q: &Tensor,
        k: &Tensor,
        v: &Tensor,
        _: &Tensor,
        dy: &Tensor,
    ) -> Result<(Option<Tensor>, Option<Tensor>, Option<Tensor>)> {
        let (tokens, _) = q.dims2()?;
        let dy = dy.contiguous()?;
        let all = q.apply_op3_no_bwd(
            k,
            v,
            &AttentionBackward {
                forward: self.clone(),
                dy,
            },
        )?;
        let part = |index: usize| all.narrow(0, index * tokens, tokens).map(Some);
        Ok((part(0)?, part(1)?, part(2)?))
    }
}

/// `(q, k, v)` to their gradients below one another `(3 · tokens, hidden)`.
struct AttentionBackward {
    forward: Attention,
    dy: Tensor,
}

impl CustomOp3 for AttentionBackward {
    fn name(&self) -> &'static str {
        "attention-backward"
    }

    fn cpu_fwd(
        &self,
        q: &CpuStorage,
        lq: &Layout,
        k: &CpuStorage,
        lk: &Layout,
        v: &CpuStorage,
        lv: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        let name = "attention-backward";
        let (tokens, hidden) = lq.shape().dims2()?;
        let (q, k, v) = (
            floats(name, q, lq)?,
            floats(name, k, lk)?,
            floats(name, v, lv)?,
        );
        let (dy, dy_layout) = self.dy.storage_and_layout();
        let candle_core::Storage::Cpu(dy) = &*dy else {
            bail!("{name}: the gradient lies on another device")
        };
        let dy = floats(name, dy, dy_layout)?;

        let mut out = vec![0f32; 3 * q.len()];
        let heads = self.forward.heads(q, k, v, hidden);
        heads.backward_whole(dy, &mut out);
        Ok((CpuStorage::F32(out), Shape::from((3 * tokens, hidden))))
    }
}

impl Attention {
    fn heads<'a>(&'a self, q: &'a [f32], k: &'a [f32], v: &'a [f32], hidden: usize) -> Heads<'a> {
        static POOL: LazyLock<Arc<Pool>> = LazyLock::new(Arc::default);
        Heads {
            q,
            k,
            v,
            row: hidden,
            heads: self.heads,
            size: hidden / self.heads,
            offsets: &self.offsets,
            dropout: &self.dropout,
            pool: &POOL,
        }
    }
}
