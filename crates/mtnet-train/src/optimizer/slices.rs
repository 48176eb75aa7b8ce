//! Two tensors as slices: the one place that reaches into candle's storage.
//!
//! candle changes a variable in place only through its in-place operations, so a pass over
//! parameter and gradient is wrapped as one. Only contiguous f32 tensors on the CPU are
//! read this way; [`is_slice`] says which are.

use std::cell::RefCell;

use candle_core::{
    CpuStorage, DType, Device, InplaceOp1, InplaceOp2, Layout, Result, Storage, Tensor, bail,
};

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
