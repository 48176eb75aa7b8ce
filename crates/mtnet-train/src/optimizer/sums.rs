//! Inner products whose bits do not depend on the number of threads.
//!
//! A tensor is cut into chunks of fixed size; each chunk is summed in f64 over eight fixed
//! lanes, and the chunks' sums are added in order. Threads only decide who computes a chunk.

use candle_core::{DType, Result, Tensor};
use rayon::prelude::*;

use super::slices::{CHUNK, is_slice, read_slice};

const LANES: usize = 8;

/// Sum of the products of equal elements, in f64.
pub(super) fn dot(left: &Tensor, right: &Tensor) -> Result<f64> {
    if is_slice(left) && is_slice(right) {
        return read_slice(left, |left| {
            read_slice(right, |right| slice_dot(left, right))
        })?;
    }
    let wide = |tensor: &Tensor| tensor.to_dtype(accumulator(tensor.dtype()));
    (wide(left)? * wide(right)?)?
        .sum_all()?
        .to_dtype(DType::F64)?
        .to_scalar()
}

/// Sum of the squares of all elements, in f64. Not finite exactly where an element is not.
pub(super) fn squared_norm(tensor: &Tensor) -> Result<f64> {
    if is_slice(tensor) {
        return read_slice(tensor, |values| slice_dot(values, values));
    }
    tensor
        .to_dtype(accumulator(tensor.dtype()))?
        .sqr()?
        .sum_all()?
        .to_dtype(DType::F64)?
        .to_scalar()
}

fn accumulator(dtype: DType) -> DType {
    match dtype {
        DType::F64 => DType::F64,
        _ => DType::F32,
    }
}

fn slice_dot(left: &[f32], right: &[f32]) -> f64 {
    if left.len() <= CHUNK {
        return chunk_dot(left, right);
    }
    let sums: Vec<f64> = left
        .par_chunks(CHUNK)
        .zip(right.par_chunks(CHUNK))
        .map(|(left, right)| chunk_dot(left, right))
        .collect();
    sums.iter().sum()
}

fn chunk_dot(left: &[f32], right: &[f32]) -> f64 {
    let mut lanes = [0f64; LANES];
    let (left_lanes, left_rest) = left.as_chunks::<LANES>();
    let (right_lanes, right_rest) = right.as_chunks::<LANES>();
    for (left, right) in left_lanes.iter().zip(right_lanes) {
        for (lane, (&l, &r)) in lanes.iter_mut().zip(left.iter().zip(right)) {
            *lane += f64::from(l) * f64::from(r);
        }
    }
    let rest: f64 = left_rest
        .iter()
        .zip(right_rest)
        .map(|(&l, &r)| f64::from(l) * f64::from(r))
        .sum();
    lanes.iter().sum::<f64>() + rest
}
