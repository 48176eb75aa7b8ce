//! Inner products whose bits do not depend on the number of threads.
//!
//! A gradient is cut into chunks of fixed size; each chunk is summed in f64 over eight fixed
//! lanes, and the chunks' sums are added in order. Threads only decide who computes a chunk.

use candle_core::{DType, Result, Tensor};
use mtnet_kernels::GradientView;
use rayon::prelude::*;

use super::slices::{CHUNK, is_slice, read_slice};

const LANES: usize = 8;

/// The size of one parameter's gradient.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct GradientSize {
    /// Sum of the squares of all elements. Not finite exactly where an element is not.
    pub squares: f64,
    /// Elements that a batch reached.
    pub reached: usize,
}

/// The size of a gradient, summed in f64.
pub(super) fn gradient_size(gradient: GradientView<'_>, width: usize) -> Result<GradientSize> {
    match gradient {
        GradientView::Device(tensor) => Ok(GradientSize {
            squares: tensor_norm(tensor)?,
            reached: tensor.elem_count(),
        }),
        GradientView::Host(values, reach) => {
            let mut size = GradientSize::default();
            for run in reach.runs(values.len(), width) {
                size.reached += run.len();
                size.squares += slice_norm(&values[run]);
            }
            Ok(size)
        }
    }
}

fn tensor_norm(tensor: &Tensor) -> Result<f64> {
    if is_slice(tensor) {
        return read_slice(tensor, slice_norm);
    }
    let accumulator = match tensor.dtype() {
        DType::F64 => DType::F64,
        _ => DType::F32,
    };
    tensor
        .to_dtype(accumulator)?
        .sqr()?
        .sum_all()?
        .to_dtype(DType::F64)?
        .to_scalar()
}

fn slice_norm(values: &[f32]) -> f64 {
    if values.len() <= CHUNK {
        return chunk_norm(values);
    }
    let sums: Vec<f64> = values.par_chunks(CHUNK).map(chunk_norm).collect();
    sums.iter().sum()
}

fn chunk_norm(values: &[f32]) -> f64 {
    let mut lanes = [0f64; LANES];
    let (whole, rest) = values.as_chunks::<LANES>();
    for values in whole {
        for (lane, &value) in lanes.iter_mut().zip(values) {
            *lane += f64::from(value) * f64::from(value);
        }
    }
    let rest: f64 = rest.iter().map(|&v| f64::from(v) * f64::from(v)).sum();
    lanes.iter().sum::<f64>() + rest
}
