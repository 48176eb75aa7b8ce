//! Averages of the weights: exponential, or plain.
//!
//! `a ← d a + (1 - d) w` after each step, `a = w` at the first (Polyak and Juditsky 1992 average
//! uniformly; with a decay `d`: Tarvainen and Valpola 2017, "Mean teachers", §2). The average
//! often scores better than the last weights, at the price of one more copy of them. Without a
//! decay the average is plain, `a ← a + (w - a) / (n + 1)` (stochastic weight averaging: Izmailov
//! et al. 2018, "Averaging Weights Leads to Wider Optima and Better Generalization", Algorithm 1).

use std::collections::BTreeMap;

use candle_core::{Tensor, Var};
use rayon::prelude::*;

use super::OptimizerError;
use super::slices::{CHUNK, is_slice, update_slice};
use super::state::take_tensor;

/// The averaged weights of named variables.
#[derive(Debug)]
pub struct WeightAverage {
    /// `None` for a plain average.
    decay: Option<f64>,
    updates: u64,
    averages: BTreeMap<String, Tensor>,
}

impl WeightAverage {
    /// An average of nothing yet. `decay` is the share that the old average keeps, in [0, 1):
    /// 0.999 averages over about the last thousand updates.
    ///
    /// # Errors
    /// If `decay` is out of range.
    pub fn new(decay: f64) -> Result<Self, OptimizerError> {
        if !(0.0..1.0).contains(&decay) {
            return Err(OptimizerError::Setting {
                setting: "ema_decay",
                found: decay,
                expected: "a number in [0, 1)",
            });
        }
        Ok(Self {
            decay: Some(decay),
            updates: 0,
            averages: BTreeMap::new(),
        })
    }

    /// A plain average of nothing yet.
    pub fn plain() -> Self {
        Self {
            decay: None,
            updates: 0,
            averages: BTreeMap::new(),
        }
    }

    /// How many times weights were taken in.
    pub fn updates(&self) -> u64 {
        self.updates
    }

    /// Says how many times weights had been taken in before the averages were saved.
    pub fn set_updates(&mut self, updates: u64) {
        self.updates = updates;
    }

    /// Takes in the weights after a step.
    ///
    /// # Errors
    /// If a variable changed its shape.
    pub fn update(&mut self, variables: &BTreeMap<String, Var>) -> Result<(), OptimizerError> {
        let share = match self.decay {
            Some(decay) => 1.0 - decay,
            None => 1.0 / (self.updates + 1) as f64,
        };
        self.updates += 1;
        for (name, variable) in variables {
            let weight = variable.as_detached_tensor();
            let Some(average) = self.averages.get_mut(name) else {
                // A copy: the variable's own storage will be moved by the next step.
                self.averages.insert(name.clone(), weight.copy()?);
                continue;
            };
            if is_slice(average) && is_slice(&weight) {
                let share = share as f32;
                update_slice(average, &weight, |average, weight| {
                    average
                        .par_chunks_mut(CHUNK)
                        .zip(weight.par_chunks(CHUNK))
                        .for_each(|(average, weight)| {
                            for (average, weight) in average.iter_mut().zip(weight) {
                                *average += (weight - *average) * share;
                            }
                        });
                })?;
            } else {
                let change = ((weight - &*average)? * share)?;
                *average = (&*average + change)?;
            }
        }
        Ok(())
    }

    /// Exchanges the variables' values with their averages: once before an evaluation of the
    /// averaged weights, and once after it.
    ///
    /// # Errors
    /// If a variable has no average, or another shape than it; then nothing was exchanged.
    pub fn swap(&mut self, variables: &BTreeMap<String, Var>) -> Result<(), OptimizerError> {
        let mut averages = self.averages.clone();
        for (name, variable) in variables {
            take_tensor(&mut averages, name, variable.dtype(), variable.shape())?;
        }
        for (name, variable) in variables {
            let weight = variable.as_detached_tensor().copy()?;
            if let Some(average) = self.averages.insert(name.clone(), weight) {
                variable.set(&average)?;
            }
        }
        Ok(())
    }

    /// The averages by name, to be saved. The next update changes these very tensors.
    pub fn tensors(&self) -> &BTreeMap<String, Tensor> {
        &self.averages
    }

    /// Goes on from averages of these variables that were saved.
    ///
    /// # Errors
    /// If an average is missing, unknown, or of another shape or dtype than its variable.
    pub fn load(
        &mut self,
        mut tensors: BTreeMap<String, Tensor>,
        variables: &BTreeMap<String, Var>,
    ) -> Result<(), OptimizerError> {
        let mut averages = BTreeMap::new();
        for (name, variable) in variables {
            let average = take_tensor(&mut tensors, name, variable.dtype(), variable.shape())?;
            // A copy: an average is changed in place, and the caller may hold the tensor too.
            let average = average.to_device(variable.device())?.copy()?;
            averages.insert(name.clone(), average);
        }
        if let Some((name, _)) = tensors.pop_first() {
            return Err(OptimizerError::StateUnknown { name });
        }
        self.averages = averages;
        Ok(())
    }
}
