//! One parameter with the buffers that its update rule keeps for it.

use std::collections::BTreeMap;

use candle_core::{DType, Device, Tensor};

use mtnet_kernels::{GradientView, Reach};

use super::rule::{Update, UpdateRule};
use super::slice_pass::{SlicePass, note_rows, touched_rows, update_rows};
use super::slices::{change_slice, is_slice, read_slice};
use super::state::take_tensor;
use super::sums::GradientSize;
use super::{OptimizerError, Parameter};

/// What all parameters of a step have in common.
#[derive(Clone, Copy, Debug)]
pub(super) struct StepFactors {
    /// Of the learning rate.
    pub learning_rate: f64,
    /// Of the gradient: clipping.
    pub gradient: f64,
    /// Whether rows without a gradient are left alone.
    pub lazy: bool,
}

/// A parameter, how often it was moved, and its buffers.
#[derive(Debug)]
pub(super) struct Slot {
    pub parameter: Parameter,
    updates: u64,
    buffers: Buffers,
    /// Of the gradient of the last step.
    pub size: GradientSize,
    /// Whether each row ever had a gradient, while some never had: their buffers are zero.
    touched: Option<Vec<bool>>,
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
        let rows = variable.dims().first().copied().unwrap_or(1);
        Ok(Self {
            parameter,
            updates: 0,
            buffers,
            size: GradientSize::default(),
            touched: (count > 0).then(|| vec![false; rows]),
        })
    }

    /// Whether passes over slices move it.
    pub fn is_in_slices(&self) -> bool {
        matches!(self.buffers, Buffers::Slices(_))
    }

    /// Numbers in one row of the parameter.
    pub fn row_width(&self) -> usize {
        self.parameter.variable.dims().iter().skip(1).product()
    }

    /// Refuses a gradient of another shape.
    pub fn check_gradient(&self, gradient: GradientView<'_>) -> Result<(), OptimizerError> {
        let expected = self.parameter.variable.shape();
        let found = match gradient {
            GradientView::Device(tensor) => tensor.shape().clone(),
            GradientView::Host(values, _) if values.len() == expected.elem_count() => return Ok(()),
            GradientView::Host(values, _) => values.len().into(),
        };
        if found == *expected {
            return Ok(());
        }
        Err(OptimizerError::GradientShape {
            name: self.parameter.name.clone(),
            found,
            expected: expected.clone(),
        })
    }

    /// Moves the parameter once.
    pub fn update(
        &mut self,
        rule: &dyn UpdateRule,
        gradient: GradientView<'_>,
        factors: StepFactors,
    ) -> Result<(), OptimizerError> {
        let group = &self.parameter.group;
        let update = Update {
            learning_rate: group.learning_rate * factors.learning_rate,
            weight_decay: group.weight_decay,
            gradient_scale: factors.gradient,
            number: self.updates + 1,
        };
        let variable = &self.parameter.variable;
        match &mut self.buffers {
            Buffers::Slices(buffers) => match gradient {
                GradientView::Host(values, reach @ Reach::Rows(rows)) if factors.lazy => {
                    note_rows(&mut self.touched, reach);
                    let width = variable.dims().iter().skip(1).product();
                    change_slice(variable, |parameter| {
                        update_rows(rule, update, (rows, width), parameter, values, buffers);
                    })?;
                }
                GradientView::Host(values, reach) => {
                    note_rows(&mut self.touched, reach);
                    let pass = SlicePass {
                        rule,
                        update,
                        touched: self.touched.as_deref(),
                    };
                    change_slice(variable, |parameter| pass.run(parameter, values, buffers))?;
                }
                GradientView::Device(tensor) => {
                    self.touched = None;
                    let pass = SlicePass {
                        rule,
                        update,
                        touched: None,
                    };
                    let gradient = tensor
                        .to_device(&Device::Cpu)?
                        .to_dtype(DType::F32)?
                        .contiguous()?;
                    read_slice(&gradient, |values| {
                        change_slice(variable, |parameter| pass.run(parameter, values, buffers))
                    })??;
                }
            },
            Buffers::Tensors(buffers) => {
                let dtype = working_dtype(variable.dtype());
                let gradient = match gradient {
                    GradientView::Device(tensor) => tensor.detach(),
                    GradientView::Host(values, _) => {
                        Tensor::from_slice(values, variable.shape(), variable.device())?
                    }
                };
                let parameter = variable.as_detached_tensor().to_dtype(dtype)?;
                let moved =
                    rule.update_tensors(update, &parameter, &gradient.to_dtype(dtype)?, buffers)?;
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
        self.touched = match &self.buffers {
            Buffers::Tensors(_) => None,
            Buffers::Slices(buffers) if buffers.is_empty() => None,
            Buffers::Slices(buffers) => Some(touched_rows(buffers, self.row_width())),
        };
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
