//! From candle's storage to slices and back: what every custom op of this crate begins with.

use candle_core::{CpuStorage, DType, Layout, Result, Tensor, bail};

/// Rows that one parallel task works on. Fixed, so that sums over rows have one order.
pub(crate) const ROWS_PER_TASK: usize = 32;

/// The contiguous `f32` values behind a layout.
pub(crate) fn floats<'a>(
    name: &str,
    storage: &'a CpuStorage,
    layout: &Layout,
) -> Result<&'a [f32]> {
    match (storage, layout.contiguous_offsets()) {
        (CpuStorage::F32(values), Some((start, end))) => Ok(&values[start..end]),
        (CpuStorage::F32(_), None) => bail!("{name}: expected contiguous values"),
        _ => bail!("{name}: expected f32 values"),
    }
}

/// The contiguous `u32` values behind a layout.
pub(crate) fn indices<'a>(
    name: &str,
    storage: &'a CpuStorage,
    layout: &Layout,
) -> Result<&'a [u32]> {
    match (storage, layout.contiguous_offsets()) {
        (CpuStorage::U32(values), Some((start, end))) => Ok(&values[start..end]),
        (CpuStorage::U32(_), None) => bail!("{name}: expected contiguous indices"),
        _ => bail!("{name}: expected u32 indices"),
    }
}

/// Whether the fused loops apply: `f32` on a CPU.
pub(crate) fn fused(x: &Tensor) -> bool {
    x.device().is_cpu() && x.dtype() == DType::F32
}

/// Cuts `values` into consecutive mutable rows-of-sequence slices with these lengths in rows.
pub(crate) fn split_rows(
    mut values: &mut [f32],
    width: usize,
    lengths: impl Iterator<Item = usize>,
) -> Vec<&mut [f32]> {
    let mut parts = Vec::new();
    for length in lengths {
        let (part, rest) = values.split_at_mut(length * width);
        parts.push(part);
        values = rest;
    }
    parts
}
