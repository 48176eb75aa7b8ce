//! Further losses of a batch, behind passes of their own: to the gradient of the step, with the
//! weights that the balancing method gave the plain losses.

use candle_core::Tensor;
use mtnet_encoders::Slope;
use mtnet_kernels::GradientBuffer;
use mtnet_model::{BatchPass, MultiTaskModel};

use super::heads::weighted_sum;
use super::layouts::Layouts;
use super::step::Weighted;
use super::tasks::TaskGradients;
use crate::trainer::TrainError;

/// What gradients are added to.
pub(super) struct Ground<'a> {
    pub model: &'a MultiTaskModel,
    pub layouts: &'a Layouts,
    pub raw_heads: bool,
    pub shared: &'a mut GradientBuffer,
    pub heads: &'a mut GradientBuffer,
    pub tasks: &'a mut TaskGradients,
}

impl Ground<'_> {
    /// Adds `scale ·` the gradient of each task's loss, whose graph ends at the hidden rows of
    /// some of the passes. Without `weighted`, the method finds the weights later: the gradient of
    /// each task goes to that of its plain loss. `share` is that of the batch in its step.
    pub fn learn(
        &mut self,
        passes: &[&BatchPass<'_>],
        losses: &[Option<Tensor>],
        weighted: Option<&Weighted>,
        (scale, share): (f64, f64),
    ) -> Result<(), TrainError> {
        let present = losses.iter().enumerate();
        let present = present.filter_map(|(task, loss)| Some((task, loss.as_ref()?)));
        let Some(weighted) = weighted else {
            for (task, loss) in present {
                let slopes = self.heads_of(passes, &(loss * scale)?)?;
                let into = self.tasks.buffer(task, self.layouts);
                backward(passes, &slopes, into)?;
            }
            return Ok(());
        };
        let weight_of = |task: usize| {
            let pair = weighted.get(task).copied().flatten();
            pair.and_then(|(_, weight)| weight).unwrap_or(1.0)
        };
        let scale = scale * share;
        if !self.raw_heads {
            let terms = present.map(|(task, loss)| (scale * weight_of(task), loss));
            let Some(total) = weighted_sum(terms)? else {
                return Ok(());
            };
            let slopes = self.heads_of(passes, &total)?;
            return backward(passes, &slopes, self.shared);
        }
        for (task, loss) in present {
            let slopes = self.heads_of(passes, &(loss * scale)?)?;
            let weighted: Vec<Option<Tensor>> = slopes
                .into_iter()
                .map(|slope| slope.map(|slope| slope * weight_of(task)).transpose())
                .collect::<candle_core::Result<_>>()?;
            backward(passes, &weighted, self.shared)?;
        }
        Ok(())
    }

    /// Adds the heads' gradients; gives the slope at each pass.
    fn heads_of(
        &mut self,
        passes: &[&BatchPass<'_>],
        loss: &Tensor,
    ) -> Result<Vec<Option<Tensor>>, TrainError> {
        let mut store = loss.backward()?;
        let slopes = passes.iter().map(|pass| pass.take_slope(&mut store));
        let slopes = slopes.collect();
        self.heads.add_from(&mut store, 1.0)?;
        Ok(slopes)
    }
}

fn backward(
    passes: &[&BatchPass<'_>],
    slopes: &[Option<Tensor>],
    into: &mut GradientBuffer,
) -> Result<(), TrainError> {
    for (pass, slope) in passes.iter().zip(slopes) {
        if let Some(slope) = slope {
            pass.backward(&mut [Slope { slope, into }])?;
        }
    }
    Ok(())
}
