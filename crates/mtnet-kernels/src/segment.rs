//! Operations on the rows of each sequence: pooling, and a window of neighbours.

use std::sync::Arc;

use candle_core::{CpuStorage, CustomOp1, CustomOp2, Layout, Result, Shape, Tensor, bail};
use mtnet_core::Offsets;
use rayon::prelude::*;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::isa::vectorized;
use crate::linear::add_to;
use crate::plain;
use crate::storage::{floats, fused, split_rows};

/// How the rows of a sequence become one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Pooling {
    /// The first row, as BERT's `[CLS]`.
    #[default]
    First,
    /// The mean of all rows.
    Mean,
    /// The largest value of each column; its gradient goes to the first row that holds it.
    Max,
}

/// `(tokens, hidden)` to one row a sequence `(sequences, hidden)`.
///
/// # Errors
/// If a sequence is empty or the offsets do not span the tokens.
pub fn segment_pool(x: &Tensor, offsets: &Arc<Offsets>, pooling: Pooling) -> Result<Tensor> {
    check(x, offsets, "segment pool")?;
    if let Some(empty) = offsets.ranges().position(|range| range.is_empty()) {
        bail!("segment pool: sequence {empty} has no rows");
    }
    if fused(x) {
        x.contiguous()?.apply_op1(Pool {
            offsets: offsets.clone(),
            pooling,
        })
    } else {
        plain::segment_pool(x, offsets, pooling)
    }
}

/// Each row with its `radius` neighbours to both sides, within its sequence and zero past its ends.
///
/// `(tokens, width)` to `(tokens, (2 · radius + 1) · width)`; the leftmost neighbour comes first.
///
/// # Errors
/// If the offsets do not span the tokens.
pub fn window_concat(x: &Tensor, offsets: &Arc<Offsets>, radius: usize) -> Result<Tensor> {
    check(x, offsets, "window")?;
    if fused(x) {
        x.contiguous()?.apply_op1(Window {
            offsets: offsets.clone(),
            radius,
        })
    } else {
        plain::window_concat(x, offsets, radius)
    }
}

pub(crate) fn check(x: &Tensor, offsets: &Offsets, what: &str) -> Result<()> {
    let (tokens, _) = x.dims2()?;
    if tokens != offsets.total() {
        bail!(
            "{what}: offsets span {} rows but there are {tokens}",
            offsets.total()
        );
    }
    Ok(())
}

struct Pool {
    offsets: Arc<Offsets>,
    pooling: Pooling,
}

impl CustomOp1 for Pool {
    fn name(&self) -> &'static str {
        "segment-pool"
    }

    fn cpu_fwd(&self, x: &CpuStorage, layout: &Layout) -> Result<(CpuStorage, Shape)> {
        let (_, hidden) = layout.shape().dims2()?;
        let x = floats("segment-pool", x, layout)?;
        let mut out = vec![0f32; self.offsets.len() * hidden];
        out.par_chunks_mut(hidden)
            .enumerate()
            .for_each(|(sequence, out)| {
                let range = self.offsets.range(sequence);
                let rows = &x[range.start * hidden..range.end * hidden];
                match self.pooling {
                    Pooling::First => out.copy_from_slice(&rows[..hidden]),
                    Pooling::Mean => {
                        rows.chunks_exact(hidden).for_each(|row| add_to(out, row));
                        let count = range.len() as f32;
                        out.iter_mut().for_each(|sum| *sum /= count);
                    }
                    Pooling::Max => {
                        out.copy_from_slice(&rows[..hidden]);
                        rows.chunks_exact(hidden).for_each(|row| larger(out, row));
                    }
                }
            });
        Ok((
            CpuStorage::F32(out),
            Shape::from((self.offsets.len(), hidden)),
        ))
    }

    fn bwd(&self, x: &Tensor, _: &Tensor, dy: &Tensor) -> Result<Option<Tensor>> {
        let op = PoolBackward {
            offsets: self.offsets.clone(),
            pooling: self.pooling,
        };
        Ok(Some(dy.contiguous()?.apply_op2_no_bwd(x, &op)?))
    }
}

/// `(gradient (sequences, hidden), x (tokens, hidden))` to the gradient of `x`.
struct PoolBackward {
    offsets: Arc<Offsets>,
    pooling: Pooling,
}

impl CustomOp2 for PoolBackward {
    fn name(&self) -> &'static str {
        "segment-pool-backward"
    }

    fn cpu_fwd(
        &self,
        dy: &CpuStorage,
        ld: &Layout,
        x: &CpuStorage,
        lx: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        let (_, hidden) = lx.shape().dims2()?;
        let (dy, x) = (
            floats("segment-pool-backward", dy, ld)?,
            floats("segment-pool-backward", x, lx)?,
        );
        let mut dx = vec![0f32; x.len()];
        let parts = split_rows(
            &mut dx,
            hidden,
            self.offsets.ranges().map(|range| range.len()),
        );
        parts
            .into_par_iter()
            .enumerate()
            .for_each(|(sequence, dx)| {
                let dy = &dy[sequence * hidden..][..hidden];
                match self.pooling {
                    Pooling::First => dx[..hidden].copy_from_slice(dy),
                    Pooling::Mean => {
                        let share = 1.0 / (dx.len() / hidden) as f32;
                        for row in dx.chunks_exact_mut(hidden) {
                            row.iter_mut()
                                .zip(dy)
                                .for_each(|(dx, &dy)| *dx = dy * share);
                        }
                    }
                    Pooling::Max => {
                        let range = self.offsets.range(sequence);
                        let x = &x[range.start * hidden..range.end * hidden];
                        for (column, &dy) in dy.iter().enumerate() {
                            let mut best = column;
                            for at in (column..x.len()).step_by(hidden) {
                                if x[at] > x[best] {
                                    best = at;
                                }
                            }
                            dx[best] = dy;
                        }
                    }
                }
            });
        Ok((CpuStorage::F32(dx), lx.shape().clone()))
    }
}

vectorized! {
    fn larger(out: &mut [f32], row: &[f32]) {
        for (out, &value) in out.iter_mut().zip(row) {
            *out = if value > *out { value } else { *out };
        }
    }
}

struct Window {
    offsets: Arc<Offsets>,
    radius: usize,
}

impl CustomOp1 for Window {
    fn name(&self) -> &'static str {
        "window"
    }

    fn cpu_fwd(&self, x: &CpuStorage, layout: &Layout) -> Result<(CpuStorage, Shape)> {
        let (tokens, width) = layout.shape().dims2()?;
        let x = floats("window", x, layout)?;
        let wide = (2 * self.radius + 1) * width;
        let mut out = vec![0f32; tokens * wide];
        let parts = split_rows(
            &mut out,
            wide,
            self.offsets.ranges().map(|range| range.len()),
        );
        parts
            .into_par_iter()
            .zip(self.offsets.ranges().collect::<Vec<_>>())
            .for_each(|(out, range)| {
                for (at, row) in out.chunks_exact_mut(wide).enumerate() {
                    for (slot, out) in row.chunks_exact_mut(width).enumerate() {
                        if let Some(from) = neighbour(at, slot, self.radius, range.len()) {
                            out.copy_from_slice(&x[(range.start + from) * width..][..width]);
                        }
                    }
                }
            });
        Ok((CpuStorage::F32(out), Shape::from((tokens, wide))))
    }

    fn bwd(&self, _: &Tensor, _: &Tensor, dy: &Tensor) -> Result<Option<Tensor>> {
        let op = WindowBackward {
            offsets: self.offsets.clone(),
            radius: self.radius,
        };
        Ok(Some(dy.contiguous()?.apply_op1_no_bwd(&op)?))
    }
}

struct WindowBackward {
    offsets: Arc<Offsets>,
    radius: usize,
}

impl CustomOp1 for WindowBackward {
    fn name(&self) -> &'static str {
        "window-backward"
    }

    fn cpu_fwd(&self, dy: &CpuStorage, layout: &Layout) -> Result<(CpuStorage, Shape)> {
        let (tokens, wide) = layout.shape().dims2()?;
        let width = wide / (2 * self.radius + 1);
        let dy = floats("window-backward", dy, layout)?;
        let mut dx = vec![0f32; tokens * width];
        let parts = split_rows(
            &mut dx,
            width,
            self.offsets.ranges().map(|range| range.len()),
        );
        parts
            .into_par_iter()
            .zip(self.offsets.ranges().collect::<Vec<_>>())
            .for_each(|(dx, range)| {
                for (at, row) in dy[range.start * wide..range.end * wide]
                    .chunks_exact(wide)
                    .enumerate()
                {
                    for (slot, dy) in row.chunks_exact(width).enumerate() {
                        if let Some(from) = neighbour(at, slot, self.radius, range.len()) {
                            add_to(&mut dx[from * width..][..width], dy);
                        }
                    }
                }
            });
        Ok((CpuStorage::F32(dx), Shape::from((tokens, width))))
    }
}

/// Row that slot `slot` of the window around row `at` shows, `None` past the sequence's ends.
pub(crate) fn neighbour(at: usize, slot: usize, radius: usize, length: usize) -> Option<usize> {
    (at + slot).checked_sub(radius).filter(|&row| row < length)
}
