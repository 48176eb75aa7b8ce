//! One way through the encoder, with weights from losses or from the slopes themselves.

use candle_core::{Device, Tensor};
use mtnet_balance::{BlockBalancer, GradientRows, TaskWeights};
use mtnet_encoders::Slope;
use mtnet_kernels::{GradientBuffer, gradient_products};

use super::diagnostics::Sample;
use super::forward::Forward;
use super::heads::{HeadBackward, weighted_sum};
use super::layouts::Layouts;
use super::step::Backward;
use super::tasks::TaskGradients;
use crate::trainer::TrainError;

/// Where the gradients of a batch are added, and times what.
pub(super) struct Into<'a> {
    pub shared: &'a mut GradientBuffer,
    pub heads: &'a mut GradientBuffer,
    /// Share of the batch in its step.
    pub share: f64,
    /// Whether heads get the gradient of their plain loss.
    pub raw_heads: bool,
}

/// What a method on gradients made of the slopes of some tasks.
pub(super) struct Direction {
    /// Where it is a weighted sum.
    pub weights: Option<TaskWeights>,
    /// Positions of the tasks, rising.
    pub tasks: Vec<usize>,
    /// Products of their slopes `(tasks, tasks)`.
    pub products: Vec<f64>,
}

/// Adds the gradient of `Σ weight · loss`.
pub(super) fn backward_weighted(
    forward: &Forward<'_>,
    weights: &TaskWeights,
    into: &mut Into<'_>,
) -> Result<(), TrainError> {
    let share = into.share;
    let terms = forward
        .present()
        .filter_map(|(task, loss)| Some((weights.get(task)? * share, &loss.mean)));
    let slope = if into.raw_heads {
        let mut slopes: Vec<(f64, Tensor)> = Vec::new();
        for (weight, loss) in terms {
            let mut backward = HeadBackward::new(&forward.pass, loss)?;
            slopes.extend(backward.slope.take().map(|slope| (weight, slope)));
            backward.add_to(into.heads, share)?;
        }
        weighted_sum(slopes)?
    } else {
        match weighted_sum(terms)? {
            Some(total) => {
                let mut backward = HeadBackward::new(&forward.pass, &total)?;
                let slope = backward.slope.take();
                backward.add_to(into.heads, 1.0)?;
                slope
            }
            None => None,
        }
    };
    backward_encoder(forward, slope, into)
}

/// Adds the direction that a method on gradients makes of the slopes.
pub(super) fn backward_representation(
    balancer: &mut BlockBalancer,
    forward: &Forward<'_>,
    into: &mut Into<'_>,
) -> Result<Direction, TrainError> {
    let hidden = forward.pass.hidden();
    let mut backwards = Vec::new();
    let (mut tasks, mut slopes) = (Vec::new(), Vec::new());
    for (task, loss) in forward.present() {
        let mut backward = HeadBackward::new(&forward.pass, &loss.mean)?;
        slopes.push(match backward.slope.take() {
            Some(slope) => slope,
            None => hidden.zeros_like()?,
        });
        backwards.push(backward);
        tasks.push(task);
    }
    let rows: Vec<Vec<f32>> = slopes
        .iter()
        .map(|slope| slope.flatten_all()?.to_vec1())
        .collect::<candle_core::Result<_>>()?;
    let rows = GradientRows::from_f32(&rows)?;
    let mut direction = vec![0f32; rows.columns()];
    let weights = match balancer.weigh_by_losses(&forward.losses)? {
        Some(weights) => weights.into_iter().next(),
        None => balancer.aggregate(0, &rows, &forward.losses, &mut |start, piece| {
            for (number, &value) in direction[start..].iter_mut().zip(piece) {
                *number = value as f32;
            }
        })?,
    };
    let slope = match &weights {
        Some(weights) => {
            let present = weights.values().iter().flatten();
            weighted_sum(present.map(|weight| weight * into.share).zip(&slopes))?
        }
        None => {
            let direction = Tensor::from_vec(direction, hidden.shape(), &Device::Cpu)?;
            Some((direction.to_device(hidden.device())? * into.share)?)
        }
    };
    for (backward, &task) in backwards.into_iter().zip(&tasks) {
        let weight = match (&weights, into.raw_heads) {
            (Some(weights), false) => weights.get(task).unwrap_or(1.0),
            _ => 1.0,
        };
        backward.add_to(into.heads, weight * into.share)?;
    }
    let products = rows.gramian()?.values().to_vec();
    backward_encoder(forward, slope, into)?;
    Ok(Direction {
        weights,
        tasks,
        products,
    })
}

fn backward_encoder(
    forward: &Forward<'_>,
    slope: Option<Tensor>,
    into: &mut Into<'_>,
) -> Result<(), TrainError> {
    if let Some(slope) = slope {
        let term = Slope {
            slope: &slope,
            into: into.shared,
        };
        forward.pass.backward(&mut [term])?;
    }
    Ok(())
}

impl Backward<'_> {
    /// A look at the gradient of each task that changes nothing.
    pub(super) fn look(
        &mut self,
        forward: &Forward<'_>,
        weights: &TaskWeights,
        layouts: &Layouts,
    ) -> Result<(), TrainError> {
        let mut looked = TaskGradients::new(forward.heads.len());
        let values = forward.losses.values();
        looked.add_pass(&forward.pass, &forward.heads, values, layouts, None)?;
        let (tasks, gradients) = looked.means()?;
        let known: Vec<f64> = tasks.iter().filter_map(|&task| weights.get(task)).collect();
        let all = 0..layouts.shared.entries().len();
        let sample = Sample {
            tasks: &tasks,
            products: &gradient_products(&gradients, all)?,
            weights: Some(&known),
        };
        let layers = |entries| Ok(gradient_products(&gradients, entries)?);
        self.diagnostics.take(sample, &layouts.layers, layers)
    }
}
