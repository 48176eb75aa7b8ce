//! An optimizer's state as named tensors, and as the bytes of a safetensors file.
//!
//! For a parameter `name`, AdamW keeps `name.exp_avg` and `name.exp_avg_sq`, SGD
//! `name.momentum_buffer` (shapes of the parameter), and both `name.step`, the number of times
//! that the parameter was moved; `step` alone is the number of steps taken. The names are those
//! of PyTorch's state dictionaries. Equal states give equal bytes.

use std::collections::BTreeMap;

use candle_core::{DType, Device, Shape, Tensor};

use super::OptimizerError;

/// All that an optimizer must remember between two steps.
#[derive(Clone, Debug, Default)]
pub struct OptimizerState {
    /// The tensors by name.
    pub tensors: BTreeMap<String, Tensor>,
}

impl OptimizerState {
    /// The bytes of a safetensors file.
    ///
    /// # Errors
    /// If the tensors cannot be read.
    pub fn to_safetensors(&self) -> Result<Vec<u8>, OptimizerError> {
        Ok(safetensors::serialize(&self.tensors, None)?)
    }

    /// Reads what [`to_safetensors`](Self::to_safetensors) wrote, onto the CPU.
    ///
    /// # Errors
    /// If the bytes are no safetensors file.
    pub fn from_safetensors(bytes: &[u8]) -> Result<Self, OptimizerError> {
        let tensors = candle_core::safetensors::load_buffer(bytes, &Device::Cpu)?;
        Ok(Self {
            tensors: tensors.into_iter().collect(),
        })
    }
}

/// Removes a tensor of that name, dtype and shape.
pub(super) fn take_tensor(
    tensors: &mut BTreeMap<String, Tensor>,
    name: &str,
    dtype: DType,
    shape: &Shape,
) -> Result<Tensor, OptimizerError> {
    let tensor = tensors
        .remove(name)
        .ok_or_else(|| OptimizerError::StateMissing {
            name: name.to_owned(),
        })?;
    if tensor.dtype() == dtype && tensor.shape() == shape {
        return Ok(tensor);
    }
    Err(OptimizerError::StateShape {
        name: name.to_owned(),
        found: format!("{:?} {:?}", tensor.dtype(), tensor.dims()),
        expected: format!("{dtype:?} {:?}", shape.dims()),
    })
}
