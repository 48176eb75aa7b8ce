//! Two tensors as slices: the one place that reaches into candle's storage.
//!
//! candle changes a variable in place only through its in-place operations, so a pass over
//! parameter and gradient is wrapped as one. Only contiguous f32 tensors on the CPU are
//! read this way; [`is_slice`] says which are.

use std::cell::RefCell;

use candle_core::{
    CpuStorage, DType, Device, InplaceOp1, InplaceOp2, Layout, Result, Storage, Tensor, bail,
};
use rayon::prelude::*;

/// Elements of one parallel piece: four such f32 slices fill half of a 512 KiB cache.
pub(super) const CHUNK: usize = 16_384;

/// Whether the tensor lies in main memory as one run of f32 numbers.
pub(super) fn is_slice(tensor: &Tensor) -> bool {
    matches!(tensor.device(), Device::Cpu) && tensor.dtype() == DType::F32 && tensor.is_contiguous()
}

/// Hands the elements of `target` to `update`, to change.
///
/// It must satisfy [`is_slice`].
pub(super) fn change_slice(target: &Tensor, update: impl FnMut(&mut [f32])) -> Result<()> {
    target.inplace_op1(&SliceOp(RefCell::new(update)))
}

/// Hands the elements of `target`, to change, and of `source` to `update`.
///
/// Both must satisfy [`is_slice`], have as many elements, and not share their storage.
pub(super) fn update_slice(
    target: &Tensor,
    source: &Tensor,
    update: impl FnMut(&mut [f32], &[f32]),
) -> Result<()> {
    target.inplace_op2(source, &SliceOp(RefCell::new(update)))
}

/// Hands the elements of a tensor that satisfies [`is_slice`] to `read`.
pub(super) fn read_slice<T>(tensor: &Tensor, read: impl FnOnce(&[f32]) -> T) -> Result<T> {
    let (storage, layout) = tensor.storage_and_layout();
    match &*storage {
        Storage::Cpu(CpuStorage::F32(values)) => Ok(read(&values[range(layout)?])),
        _ => bail!("expected an f32 tensor on the cpu"),
    }
}

/// At most `count` evenly spaced elements; `None` where the tensor is no slice.
pub(crate) fn sample(tensor: &Tensor, count: usize) -> Option<Vec<f32>> {
    if !is_slice(tensor) {
        return None;
    }
    let spaced = |values: &[f32]| {
        let step = values.len().div_ceil(count.max(1)).max(1);
        values.iter().copied().step_by(step).collect()
    };
    read_slice(tensor, spaced).ok()
}

/// A number that changes with any bit of the tensor; `None` where it is no slice.
pub(crate) fn fingerprint(tensor: &Tensor) -> Option<u64> {
    if !is_slice(tensor) {
        return None;
    }
    let of_chunk = |values: &[f32]| {
        // The basis and prime of FNV-1a (Fowler, Noll and Vo), on words in fixed lanes.
        const PRIME: u64 = 0x0000_0100_0000_01b3;
        let mut lanes = [0xcbf2_9ce4_8422_2325_u64; 8];
        for values in values.chunks(8) {
            for (lane, value) in lanes.iter_mut().zip(values) {
                *lane = (*lane ^ u64::from(value.to_bits())).wrapping_mul(PRIME);
            }
        }
        lanes.into_iter().fold(0, |all: u64, lane| {
            (all.rotate_left(7) ^ lane).wrapping_mul(PRIME)
        })
    };
    let of_all = |values: &[f32]| {
        let chunks: Vec<u64> = values.par_chunks(CHUNK).map(of_chunk).collect();
        let join = |all: u64, chunk: u64| all.rotate_left(11).wrapping_add(chunk);
        chunks.into_iter().fold(values.len() as u64, join)
    };
    read_slice(tensor, of_all).ok()
}

/// Whether every element is a finite number.
pub(crate) fn is_finite(tensor: &Tensor) -> Result<bool> {
    if is_slice(tensor) {
        // A sum of products with 0 is 0, or NaN where an element is not finite.
        let broken = |values: &[f32]| values.iter().map(|v| v * 0.0).sum::<f32>().is_nan();
        return read_slice(tensor, |values| !values.par_chunks(CHUNK).any(broken));
    }
    let sum = tensor.affine(0.0, 0.0)?.sum_all()?;
    Ok(sum.to_dtype(DType::F64)?.to_scalar::<f64>()?.is_finite())
}

struct SliceOp<F>(RefCell<F>);

impl<F: FnMut(&mut [f32])> InplaceOp1 for SliceOp<F> {
    fn name(&self) -> &'static str {
        "optimizer-update"
    }

    fn cpu_fwd(&self, target: &mut CpuStorage, layout: &Layout) -> Result<()> {
        let CpuStorage::F32(target) = target else {
            bail!("expected an f32 tensor");
        };
        (self.0.borrow_mut())(&mut target[range(layout)?]);
        Ok(())
    }
}

impl<F: FnMut(&mut [f32], &[f32])> InplaceOp2 for SliceOp<F> {
    fn name(&self) -> &'static str {
        "optimizer-update"
    }

    fn cpu_fwd(
        &self,
        target: &mut CpuStorage,
        target_layout: &Layout,
        source: &CpuStorage,
        source_layout: &Layout,
    ) -> Result<()> {
        let (CpuStorage::F32(target), CpuStorage::F32(source)) = (target, source) else {
            bail!("expected f32 tensors");
        };
        let target = &mut target[range(target_layout)?];
        let source = &source[range(source_layout)?];
        if target.len() != source.len() {
            bail!(
                "{} elements to update, {} to read",
                target.len(),
                source.len()
            );
        }
        (self.0.borrow_mut())(target, source);
        Ok(())
    }
}

fn range(layout: &Layout) -> Result<std::ops::Range<usize>> {
    match layout.contiguous_offsets() {
        Some((start, end)) => Ok(start..end),
        None => bail!("expected a contiguous tensor"),
    }
}
