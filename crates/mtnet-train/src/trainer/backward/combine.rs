//! The gradients of the tasks become the gradient of a step, block by block.

use std::ops::Range;

use mtnet_balance::{BlockBalancer, GradientRows, Gramian, TaskLosses, TaskWeights};
use mtnet_kernels::{GradientBuffer, gradient_products};

use crate::trainer::TrainError;

/// What combining came to.
#[derive(Debug)]
pub(super) struct Combined {
    /// Weight of each present task, the mean over blocks; `None` where the direction is no
    /// weighted sum.
    pub weights: Option<Vec<f64>>,
    /// Products of the gradients over all shared parameters, `(present, present)`.
    pub products: Vec<f64>,
}

/// Adds to `into` the direction of the present tasks' `gradients`, one row a present task of
/// `losses`, in order.
pub(super) fn combine(
    balancer: &mut BlockBalancer,
    gradients: &[&GradientBuffer],
    losses: &TaskLosses,
    blocks: &[Range<usize>],
    into: &mut GradientBuffer,
) -> Result<Combined, TrainError> {
    let count = gradients.len();
    let mut products = vec![0.0; count * count];
    let mut weights = Some(vec![0.0; count]);
    for (block, entries) in blocks.iter().enumerate() {
        let of_block = gradient_products(gradients, entries.clone())?;
        for (sum, product) in products.iter_mut().zip(&of_block) {
            *sum += product;
        }
        let found = if balancer.needs_gramian_only() {
            let gramian = Gramian::new(count, of_block)?;
            let found = balancer.weigh(block, &gramian, losses)?;
            let of_tasks = found.values().iter().flatten().copied();
            let terms: Vec<_> = of_tasks.zip(gradients.iter().copied()).collect();
            into.add_weighted(entries.clone(), &terms)?;
            Some(found)
        } else {
            aggregate(balancer, block, gradients, losses, entries, into)?
        };
        weights = match (weights, found) {
            (Some(mut sums), Some(found)) => {
                let values = found.values().iter().flatten();
                for (sum, value) in sums.iter_mut().zip(values) {
                    *sum += value / blocks.len() as f64;
                }
                Some(sums)
            }
            _ => None,
        };
    }
    Ok(Combined { weights, products })
}

fn aggregate(
    balancer: &mut BlockBalancer,
    block: usize,
    gradients: &[&GradientBuffer],
    losses: &TaskLosses,
    entries: &Range<usize>,
    into: &mut GradientBuffer,
) -> Result<Option<TaskWeights>, TrainError> {
    // Gradients on another device are brought to main memory, and the direction back.
    let numbers = into.layout().numbers(entries.clone());
    let mut copies = Vec::new();
    for gradient in gradients
        .iter()
        .filter(|gradient| gradient.host_values().is_none())
    {
        copies.push(gradient.copy_numbers(entries.clone())?);
    }
    let rows: Vec<&[f32]> = if copies.is_empty() {
        let values = gradients
            .iter()
            .filter_map(|gradient| gradient.host_values());
        values.map(|row| &row[numbers.clone()]).collect()
    } else {
        copies.iter().map(Vec::as_slice).collect()
    };
    let rows = GradientRows::from_f32(&rows)?;
    let mut direction = vec![0f32; numbers.len()];
    let weights = balancer.aggregate(block, &rows, losses, &mut |start, piece| {
        for (number, &value) in direction[start..].iter_mut().zip(piece) {
            *number = value as f32;
        }
    })?;
    into.set_numbers(entries.clone(), &direction)?;
    Ok(weights)
}
