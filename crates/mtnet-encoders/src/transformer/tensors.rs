//! Tensors on a CPU as plain slices.

use std::ops::Deref;

use candle_core::{CpuStorage, Layout, Result, Storage, Tensor, bail};
use mtnet_kernels::StackInput;

use crate::EncoderInput;

/// The ids of a batch in main memory.
pub(super) struct Ids {
    input: Vec<u32>,
    positions: Vec<u32>,
    types: Vec<u32>,
    shift: Option<Vec<f32>>,
}

impl Ids {
    pub(super) fn new(input: &EncoderInput, position_offset: u32) -> Result<Self> {
        let mut positions = input.position_ids.to_vec1::<u32>()?;
        positions
            .iter_mut()
            .for_each(|position| *position += position_offset);
        Ok(Self {
            input: input.input_ids.to_vec1()?,
            positions,
            types: input.type_ids.to_vec1()?,
            shift: match &input.shift {
                Some(shift) => Some(shift.flatten_all()?.to_vec1()?),
                None => None,
            },
        })
    }

    pub(super) fn input<'a>(&'a self, input: &'a EncoderInput) -> StackInput<'a> {
        StackInput {
            input_ids: &self.input,
            position_ids: &self.positions,
            type_ids: &self.types,
            offsets: &input.offsets,
            shift: self.shift.as_deref(),
        }
    }
}

/// Tensors held for reading.
pub(super) fn hold<'a>(
    tensors: impl Iterator<Item = &'a Tensor>,
) -> Vec<(impl Deref<Target = Storage>, &'a Layout)> {
    tensors.map(Tensor::storage_and_layout).collect()
}

/// The numbers of tensors that are held.
pub(super) fn slices<'a, G: Deref<Target = Storage>>(
    held: &'a [(G, &Layout)],
) -> Result<Vec<&'a [f32]>> {
    held.iter()
        .map(
            |(storage, layout)| match (&**storage, layout.contiguous_offsets()) {
                (Storage::Cpu(CpuStorage::F32(values)), Some((start, end))) => {
                    Ok(&values[start..end])
                }
                _ => bail!("expected contiguous f32 numbers on a cpu"),
            },
        )
        .collect()
}
