//! Averaged weights of a run: taken in after steps, in place of the last ones where a model is
//! scored or kept.

use std::collections::BTreeMap;

use candle_core::{Device, Var};

use super::TrainError;
use crate::optimizer::WeightAverage;
use crate::run_file::TrainConfig;

/// The file of a checkpoint that holds the averages.
pub(super) const AVERAGE_FILE: &str = "average.safetensors";

/// The averages, and the step from which weights are taken in.
#[derive(Debug)]
pub(super) struct Averaging {
    pub average: WeightAverage,
    start: u64,
}

impl Averaging {
    /// What `[train]` asks for.
    pub fn new(config: &TrainConfig, total_steps: u64) -> Result<Option<Self>, TrainError> {
        Ok(match (config.ema_decay, config.swa_start) {
            (Some(decay), _) => Some(Self {
                average: WeightAverage::new(decay)?,
                start: 0,
            }),
            (None, Some(share)) => Some(Self {
                average: WeightAverage::plain(),
                start: (share * total_steps as f64).ceil() as u64,
            }),
            (None, None) => None,
        })
    }

    /// Takes in the weights after step `step`, counted from 1.
    pub fn update(
        &mut self,
        step: u64,
        variables: &BTreeMap<String, Var>,
    ) -> Result<(), TrainError> {
        if step > self.start {
            self.average.update(variables)?;
        }
        Ok(())
    }

    /// Puts the averages in place of the weights, or back; whether there were any.
    pub fn swap(&mut self, variables: &BTreeMap<String, Var>) -> Result<bool, TrainError> {
        if self.average.updates() == 0 {
            return Ok(false);
        }
        self.average.swap(variables)?;
        Ok(true)
    }

    /// The bytes of [`AVERAGE_FILE`]; `None` where there are no averages yet.
    pub fn file(&self) -> Result<Option<Vec<u8>>, TrainError> {
        if self.average.updates() == 0 {
            return Ok(None);
        }
        let tensors = self.average.tensors();
        let bytes = safetensors::serialize(tensors, None);
        Ok(Some(bytes.map_err(crate::optimizer::OptimizerError::from)?))
    }

    /// Goes on from the bytes of that file, after `updates` of them.
    pub fn restore(
        &mut self,
        bytes: &[u8],
        updates: u64,
        variables: &BTreeMap<String, Var>,
    ) -> Result<(), TrainError> {
        let tensors = candle_core::safetensors::load_buffer(bytes, &Device::Cpu)?;
        self.average
            .load(tensors.into_iter().collect(), variables)?;
        self.average.set_updates(updates);
        Ok(())
    }
}
