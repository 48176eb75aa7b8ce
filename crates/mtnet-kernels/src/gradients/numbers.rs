//! The numbers of a gradient as one list, out of a buffer and into it.

use std::ops::Range;

use candle_core::{DType, Result, Tensor};

use super::buffer::Values;
use super::{GradientBuffer, Reach};

impl GradientBuffer {
    /// The numbers of some entries in the order of the layout, wherever they lie.
    ///
    /// # Errors
    /// If the device fails.
    pub fn copy_numbers(&self, entries: Range<usize>) -> Result<Vec<f32>> {
        let numbers = self.layout.numbers(entries.clone());
        match &self.values {
            Values::Host(values) => {
                let mut copy = values[numbers.clone()].to_vec();
                for index in entries.filter(|&index| self.stale[index]) {
                    let range = &self.layout.entries()[index].range;
                    copy[range.start - numbers.start..range.end - numbers.start].fill(0.0);
                }
                Ok(copy)
            }
            Values::Device(tensors) => {
                let mut copy = vec![0.0; numbers.len()];
                for index in entries {
                    if let Some(tensor) = &tensors[index] {
                        let range = &self.layout.entries()[index].range;
                        let values = tensor
                            .to_dtype(DType::F32)?
                            .flatten_all()?
                            .to_vec1::<f32>()?;
                        copy[range.start - numbers.start..range.end - numbers.start]
                            .copy_from_slice(&values);
                    }
                }
                Ok(copy)
            }
        }
    }

    /// Sets the numbers of some entries, in the order of the layout; all of them count as reached.
    ///
    /// # Errors
    /// If the device fails.
    ///
    /// # Panics
    /// If there are more or fewer than the entries hold.
    pub fn set_numbers(&mut self, entries: Range<usize>, numbers: &[f32]) -> Result<()> {
        let range = self.layout.numbers(entries.clone());
        assert_eq!(range.len(), numbers.len(), "numbers of some parameters");
        for index in entries {
            let entry = &self.layout.entries()[index];
            let part = &numbers[entry.range.start - range.start..entry.range.end - range.start];
            match &mut self.values {
                Values::Host(values) => {
                    values[entry.range.clone()].copy_from_slice(part);
                    self.stale[index] = false;
                }
                Values::Device(tensors) => {
                    let variable = &entry.variable;
                    let tensor = Tensor::from_slice(part, variable.shape(), variable.device())?;
                    tensors[index] = Some(tensor.to_dtype(variable.dtype())?);
                }
            }
            self.reach[index] = Reach::All;
        }
        Ok(())
    }
}
