//! Optimizers: their arithmetic against PyTorch's, their parameters, state and sums.

mod mistakes;
mod parameters;
mod reference;
mod state;

use candle_core::{DType, Device, Tensor, Var};
use mtnet_train::optimizer::Gradients;
use serde_json::Value;

pub(crate) fn fixture() -> Value {
    serde_json::from_str(include_str!("../../fixtures/optim.json")).expect("the fixture is JSON")
}

pub(crate) fn numbers(value: &Value) -> Vec<f64> {
    let values = value.as_array().expect("an array");
    values
        .iter()
        .map(|x| x.as_f64().expect("a number"))
        .collect()
}

fn tensor(values: &Value, shape: &[usize], dtype: DType) -> Tensor {
    Tensor::from_vec(numbers(values), shape, &Device::Cpu)
        .and_then(|tensor| tensor.to_dtype(dtype))
        .expect("a tensor")
}

fn values(tensor: &Tensor) -> Vec<f64> {
    tensor
        .to_dtype(DType::F64)
        .and_then(|wide| wide.flatten_all()?.to_vec1())
        .expect("its values")
}

/// Compares relative to the largest expected entry.
fn assert_close(found: &[f64], expected: &[f64], tolerance: f64, context: &str) {
    assert_within(found, expected, tolerance * largest(expected), context);
}

fn assert_within(found: &[f64], expected: &[f64], bound: f64, context: &str) {
    assert_eq!(found.len(), expected.len(), "{context}");
    for (found, expected) in found.iter().zip(expected) {
        assert!(
            (found - expected).abs() <= bound,
            "{context}: {found}, expected {expected}"
        );
    }
}

fn largest(values: &[f64]) -> f64 {
    values.iter().fold(0f64, |most, x| most.max(x.abs()))
}

fn vector(values: &[f32]) -> Var {
    Var::new(values, &Device::Cpu).expect("a variable")
}

fn gradients(pairs: &[(&str, &[f32])]) -> Gradients {
    pairs
        .iter()
        .map(|(name, values)| {
            let gradient = Tensor::new(*values, &Device::Cpu).expect("a gradient");
            ((*name).to_owned(), gradient)
        })
        .collect()
}
