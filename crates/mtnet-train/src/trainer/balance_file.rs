//! `balance.safetensors`: what a balancing method keeps of whole gradients.
//!
//! Some methods average the gradient of each task, a number a task and parameter. Those stand
//! in a checkpoint as tensors of 64-bit numbers, named by their path in the
//! [`BalanceState`]; the rest of that state stays readable in `trainer_state.json`.

use std::collections::BTreeMap;

use candle_core::{DType, Device, Tensor};
use mtnet_balance::BalanceState;

use crate::optimizer::OptimizerState;
use crate::trainer::TrainError;

/// The name of the file.
pub(super) const BALANCE_FILE: &str = "balance.safetensors";

/// A vector of as many numbers as this is written as a tensor.
const LONG: usize = 4096;

/// Takes the long vectors out of a state, as the content of the file; `None` where it has none.
pub(super) fn take(state: &mut BalanceState) -> Result<Option<Vec<u8>>, TrainError> {
    let taken = state.take_long_vectors(LONG);
    if taken.is_empty() {
        return Ok(None);
    }
    let mut tensors = BTreeMap::new();
    for (path, values) in taken {
        let length = values.len();
        tensors.insert(path, Tensor::from_vec(values, length, &Device::Cpu)?);
    }
    Ok(Some(OptimizerState { tensors }.to_safetensors()?))
}

/// Puts the vectors of the file back into the state that they were taken from.
pub(super) fn put(state: &mut BalanceState, bytes: &[u8]) -> Result<(), TrainError> {
    for (path, tensor) in OptimizerState::from_safetensors(bytes)?.tensors {
        state.put_vector(&path, tensor.to_dtype(DType::F64)?.to_vec1()?)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn state() -> BalanceState {
        let values = |scale: f64| (0..LONG).map(|i| (i as f64).sqrt() * scale).collect();
        BalanceState {
            parts: vec![
                BalanceState::new("equal"),
                BalanceState::new("moco")
                    .with_vector("averages.0", values(1e-30))
                    .with_vector("averages.1", values(f64::MAX / 1e3))
                    .with_vector("lambda", vec![0.25, 0.75]),
            ],
            ..BalanceState::new("unit-norm")
        }
    }

    #[test]
    fn long_vectors_come_back_with_every_bit() {
        let mut split = state();
        let bytes = take(&mut split).expect("tensors").expect("a file");
        assert_eq!(
            split.parts[1].vectors.keys().collect::<Vec<_>>(),
            ["lambda"]
        );
        put(&mut split, &bytes).expect("the same state");
        assert_eq!(split, state());
    }

    #[test]
    fn without_long_vectors_there_is_no_file() {
        let mut short = BalanceState::new("famo").with_vector("logits", vec![0.5; 8]);
        assert!(take(&mut short).expect("nothing to do").is_none());
        assert_eq!(short.vectors.len(), 1);
    }

    #[test]
    fn a_file_of_another_state_is_refused() {
        let bytes = take(&mut state()).expect("tensors").expect("a file");
        let error = put(&mut BalanceState::new("moco"), &bytes).expect_err("no parts");
        assert!(error.to_string().contains("1/averages.0"), "{error}");
    }
}
