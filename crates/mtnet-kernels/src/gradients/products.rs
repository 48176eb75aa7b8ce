//! Inner products of several gradients at once: the entries of a Gramian.
//!
//! The numbers are cut into chunks of fixed size. All pairs of a chunk are multiplied while it is
//! in cache, in `f64` over fixed lanes, and the chunks' sums are added in order: the bits do not
//! depend on the number of threads.

use std::ops::Range;

use candle_core::{DType, Result, Tensor};
use rayon::prelude::*;

use super::GradientBuffer;
use crate::isa::vectorized;

/// Numbers of one chunk: those of eight gradients fill a quarter of a 2 MiB cache.
const CHUNK: usize = 16 * 1024;

/// `⟨g_i, g_j⟩` over some entries of buffers that share a layout: `(m, m)`, row-major, symmetric.
///
/// # Errors
/// If the device fails.
pub fn gradient_products(buffers: &[&GradientBuffer], entries: Range<usize>) -> Result<Vec<f64>> {
    let size = buffers.len();
    let mut products = vec![0.0; size * size];
    for index in entries {
        match host_slices(buffers, index) {
            Some(slices) => add_host(&slices, buffers, index, &mut products),
            None => add_device(buffers, index, &mut products)?,
        }
    }
    for i in 0..size {
        for j in 0..i {
            products[j * size + i] = products[i * size + j];
        }
    }
    Ok(products)
}

fn host_slices<'a>(buffers: &[&'a GradientBuffer], index: usize) -> Option<Vec<&'a [f32]>> {
    buffers
        .iter()
        .map(|buffer| buffer.host_entry(index))
        .collect()
}

fn add_host(slices: &[&[f32]], buffers: &[&GradientBuffer], index: usize, products: &mut [f64]) {
    let size = slices.len();
    let entry = &buffers[0].layout().entries()[index];
    let pairs: Vec<(usize, usize)> = (0..size)
        .flat_map(|i| (0..=i).map(move |j| (i, j)))
        .filter(|&(i, j)| !buffers[i].reach(index).is_none() && !buffers[j].reach(index).is_none())
        .collect();
    // Where all gradients of all rows are there, a chunk serves every pair; otherwise each pair
    // has rows of its own in common.
    let dense = pairs.iter().all(|&(i, j)| {
        *buffers[i].reach(index) == super::Reach::All
            && *buffers[j].reach(index) == super::Reach::All
    });
    if dense {
        let chunks: Vec<Vec<f64>> = (0..entry.range.len().div_ceil(CHUNK))
            .into_par_iter()
            .map(|chunk| {
                let range = chunk * CHUNK..entry.range.len().min((chunk + 1) * CHUNK);
                pairs
                    .iter()
                    .map(|&(i, j)| dot(&slices[i][range.clone()], &slices[j][range.clone()]))
                    .collect()
            })
            .collect();
        for sums in chunks {
            for (&(i, j), sum) in pairs.iter().zip(sums) {
                products[i * size + j] += sum;
            }
        }
    } else {
        let sums: Vec<f64> = pairs
            .par_iter()
            .map(|&(i, j)| {
                let common = buffers[i].reach(index).common(buffers[j].reach(index));
                common
                    .runs(entry.range.len(), entry.row_width())
                    .into_iter()
                    .map(|run| dot(&slices[i][run.clone()], &slices[j][run]))
                    .sum()
            })
            .collect();
        for (&(i, j), sum) in pairs.iter().zip(sums) {
            products[i * size + j] += sum;
        }
    }
}

fn add_device(buffers: &[&GradientBuffer], index: usize, products: &mut [f64]) -> Result<()> {
    let size = buffers.len();
    for i in 0..size {
        for j in 0..=i {
            if let (Some(left), Some(right)) = (buffers[i].tensor(index), buffers[j].tensor(index))
            {
                products[i * size + j] += tensor_dot(left, right)?;
            }
        }
    }
    Ok(())
}

fn tensor_dot(left: &Tensor, right: &Tensor) -> Result<f64> {
    let product = (left.to_dtype(DType::F32)? * right.to_dtype(DType::F32)?)?;
    product.sum_all()?.to_dtype(DType::F64)?.to_scalar()
}

vectorized! {
    fn dot(left: &[f32], right: &[f32]) -> f64 {
        const LANES: usize = 16;
        let mut lanes = [0f64; LANES];
        let (left_lanes, left_rest) = left.as_chunks::<LANES>();
        let (right_lanes, right_rest) = right.as_chunks::<LANES>();
        for (left, right) in left_lanes.iter().zip(right_lanes) {
            for lane in 0..LANES {
                lanes[lane] += f64::from(left[lane]) * f64::from(right[lane]);
            }
        }
        let rest: f64 = left_rest.iter().zip(right_rest).map(|(&l, &r)| f64::from(l) * f64::from(r)).sum();
        lanes.iter().sum::<f64>() + rest
    }
}
