//! One parameter with the buffers that its update rule keeps for it.

use std::collections::BTreeMap;

use candle_core::{DType, Device, Tensor};

use super::gradients::same_shape;
use super::rule::{Update, UpdateRule};
use super::slices::{is_slice, update_slice};
use super::state::take_tensor;
use super::{OptimizerError, Parameter};

/// A parameter, how often it was moved, and its buffers.
#[derive(Debug)]
pub(super) struct Slot {
    pub parameter: Parameter,
    updates: u64,
    buffers: Buffers,
}

/// Where the buffers lie: plain vectors where one pass moves parameter and buffers together.
#[derive(Debug)]
enum Buffers {
    Slices(Vec<Vec<f32>>),
    Tensors(Vec<Tensor>),
}

/// Buffers that were read and checked, not yet taken over.
#[derive(Debug)]
pub(super) struct LoadedSlot {
    updates: u64,
    buffers: Buffers,
}

impl Slot {
    /// Buffers of zeros. `fused` allows the pass over slices where the parameter lies in one.
    pub fn new(
        parameter: Parameter,
        rule: &dyn UpdateRule,
        fused: bool,
    ) -> Result<Self, OptimizerError> {
        let variable = parameter.variable.as_tensor();
        if !variable.dtype().is_float() {
            return Err(OptimizerError::NotFloat {
                name: parameter.name,
                dtype: variable.dtype(),
            });
        }
        let count = rule.buffers().len();
        let buffers = if fused && is_slice(variable) {
            Buffers::Slices(vec![vec![0.0; variable.elem_count()]; count])
        } else {
            let zeros = Tensor::zeros(
                variable.shape(),
                working_dtype(variable.dtype()),
                variable.device(),
            )?;
            Buffers::Tensors(vec![zeros; count])
        };
        Ok(Self {
            parameter,
            updates: 0,
            buffers,
        })
    }

    /// Refuses a gradient of another shape.
    pub fn check_gradient(&self, gradient: &Tensor) -> Result<(), OptimizerError> {
        same_shape(&self.parameter.name, gradient, &self.parameter.variable)
    }

    /// Moves the parameter once.
    pub fn update(
        &mut self,
        rule: &dyn UpdateRule,
        gradient: &Tensor,
        learning_rate_factor: f64,
        gradient_scale: f64,
    ) -> Result<(), OptimizerError> {
        let group = &self.parameter.group;
        let update = Update {
            learning_rate: group.learning_rate * learning_rate_factor,
            weight_decay: group.weight_decay,
            gradient_scale,
            number: self.updates + 1,
        };
        let variable = &self.parameter.variable;
        match &mut self.buffers {
            Buffers::Slices(buffers) => {
                let gradient = gradient
                    .to_device(&Device::Cpu)?
                    .to_dtype(DType::F32)?
                    .contiguous()?;
                update_slice(variable, &gradient, |parameter, gradient| {
                    rule.update_slices(update, parameter, gradient, buffers);
                })?;
            }
            Buffers::Tensors(buffers) => {
                let dtype = working_dtype(variable.dtype());
                let parameter = variable.as_detached_tensor().to_dtype(dtype)?;
                let gradient = gradient.detach().to_dtype(dtype)?;
                let moved = rule.update_tensors(update, &parameter, &gradient, buffers)?;
                variable.set(&moved.to_dtype(variable.dtype())?.contiguous()?)?;
            }
        }
        self.updates += 1;
        Ok(())
    }

    /// Adds the buffers and the number of updates to a state, under the parameter's name.
    pub fn save(
        &self,
        rule: &dyn UpdateRule,
        tensors: &mut BTreeMap<String, Tensor>,
    ) -> Result<(), OptimizerError> {
        let shape = self.parameter.variable.shape();
        for (index, buffer) in rule.buffers().iter().enumerate() {
            let tensor = match &self.buffers {
                Buffers::Slices(buffers) => {
                    Tensor::from_slice(&buffers[index], shape, &Device::Cpu)?
                }
                Buffers::Tensors(buffers) => buffers[index].clone(),
            };
            tensors.insert(self.key(buffer), tensor);
        }
        let updates = Tensor::new(self.updates as i64, &Device::Cpu)?;
        tensors.insert(self.key(STEP), updates);
        Ok(())
    }

    /// Takes this slot's tensors out of a state and checks them.
    pub fn load(
        &self,
        rule: &dyn UpdateRule,
        tensors: &mut BTreeMap<String, Tensor>,
    ) -> Result<LoadedSlot, OptimizerError> {
        let variable = self.parameter.variable.as_tensor();
        let dtype = working_dtype(variable.dtype());
        let mut read = Vec::new();
        for buffer in rule.buffers() {
            let tensor = take_tensor(tensors, &self.key(buffer), dtype, variable.shape())?;
            read.push(tensor);
        }
        let buffers = match &self.buffers {
            Buffers::Slices(_) => Buffers::Slices(
                read.iter()
                    .map(|tensor| tensor.flatten_all()?.to_vec1())
                    .collect::<candle_core::Result<_>>()?,
            ),
            Buffers::Tensors(_) => Buffers::Tensors(
                read.iter()
                    .map(|tensor| tensor.to_device(variable.device()))
                    .collect::<candle_core::Result<_>>()?,
            ),
        };
        let updates = take_tensor(tensors, &self.key(STEP), DType::I64, &().into())?;
        Ok(LoadedSlot {
            updates: updates.to_scalar::<i64>()?.max(0) as u64,
            buffers,
        })
    }

    /// Goes on from buffers that [`load`](Self::load) checked.
    pub fn resume(&mut self, loaded: LoadedSlot) {
        self.updates = loaded.updates;
        self.buffers = loaded.buffers;
    }

    fn key(&self, buffer: &str) -> String {
        format!("{}.{buffer}", self.parameter.name)
    }
}

/// The buffer that counts a parameter's updates.
const STEP: &str = "step";

/// Half-precision parameters are moved in f32: their own type cannot hold a small update.
fn working_dtype(dtype: DType) -> DType {
    match dtype {
        DType::F64 => DType::F64,
        _ => DType::F32,
    }
}
