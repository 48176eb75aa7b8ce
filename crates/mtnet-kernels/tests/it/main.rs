//! Fused loops against plain compositions, in values and gradients, on ragged batches.

mod gradients;
mod initialiser;
mod instruction_sets;
mod params;
mod parity;
mod stack;
mod stack_network;
mod stack_precision;
mod stack_tasks;
mod threads;

use candle_core::{Device, Result, Tensor, Var};
use mtnet_core::RandomStream;

/// A variable of that shape with seeded normal values.
fn var(name: &str, shape: &[usize]) -> Result<Var> {
    let mut stream = RandomStream::new(11).child(name);
    let count = shape.iter().product();
    let values: Vec<f32> = (0..count).map(|_| stream.normal() as f32).collect();
    Var::from_tensor(&Tensor::from_vec(values, shape, &Device::Cpu)?)
}

fn flat(tensor: &Tensor) -> Result<Vec<f32>> {
    tensor.flatten_all()?.to_vec1()
}

/// Largest difference of two tensors of one shape, relative to the larger of 1 and their entries.
fn distance(a: &Tensor, b: &Tensor) -> Result<f32> {
    assert_eq!(a.dims(), b.dims());
    let (a, b) = (flat(a)?, flat(b)?);
    let scale = a.iter().chain(&b).fold(1f32, |scale, x| scale.max(x.abs()));
    Ok(a.iter()
        .zip(&b)
        .map(|(a, b)| (a - b).abs())
        .fold(0.0, f32::max)
        / scale)
}
