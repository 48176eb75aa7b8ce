//! What an update rule is: how one parameter moves, given its gradient and its buffers.

use candle_core::{Result, Tensor};

/// The numbers of one parameter's update.
#[derive(Clone, Copy, Debug)]
pub(super) struct Update {
    /// Learning rate of this step, schedule included.
    pub learning_rate: f64,
    /// Weight decay.
    pub weight_decay: f64,
    /// What the gradient is multiplied by first: the factor of clipping.
    pub gradient_scale: f64,
    /// Which update of this parameter it is, from 1.
    pub number: u64,
}

/// One update rule, written twice: as a single pass over slices, and in tensor operations for
/// every device and dtype. Both do the same arithmetic in the same order.
pub(super) trait UpdateRule: std::fmt::Debug + Send + Sync {
    /// Names of the buffers that the rule keeps for each parameter, each of its shape and
    /// zero at first.
    fn buffers(&self) -> &'static [&'static str];

    /// Moves some elements of a parameter, and those of its buffers, in place.
    fn update_slices(
        &self,
        update: Update,
        parameter: &mut [f32],
        gradient: &[f32],
        buffers: &mut [&mut [f32]],
    );

    /// Moves elements whose buffers and gradients are zero and stay so, if there are such under
    /// this rule: the same as [`update_slices`](Self::update_slices), but reads nothing else.
    fn update_untouched(&self, update: Update, parameter: &mut [f32]) -> bool {
        let _ = (update, parameter);
        false
    }

    /// The moved parameter; the buffers are replaced.
    fn update_tensors(
        &self,
        update: Update,
        parameter: &Tensor,
        gradient: &Tensor,
        buffers: &mut [Tensor],
    ) -> Result<Tensor>;
}
