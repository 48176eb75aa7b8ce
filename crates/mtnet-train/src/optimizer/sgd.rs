//! Stochastic gradient descent with momentum.
//!
//! `g ← g + λ p`, `b ← μ b + g` (`b = g` at first), and `p ← p - η b`, or with Nesterov's momentum
//! `p ← p - η (g + μ b)`: Sutskever et al. 2013, "On the importance of initialization and momentum
//! in deep learning", §2, in PyTorch's form, where the learning rate stands outside the momentum.

use candle_core::{Result, Tensor};

use super::rule::{Update, UpdateRule};

/// The rule's constants.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sgd {
    pub momentum: f64,
    pub nesterov: bool,
}

impl UpdateRule for Sgd {
    fn buffers(&self) -> &'static [&'static str] {
        if self.momentum == 0.0 {
            &[]
        } else {
            &["momentum_buffer"]
        }
    }

    fn update_slices(
        &self,
        update: Update,
        parameter: &mut [f32],
        gradient: &[f32],
        buffers: &mut [&mut [f32]],
    ) {
        let (rate, decay) = (update.learning_rate as f32, update.weight_decay as f32);
        let (scale, momentum) = (update.gradient_scale as f32, self.momentum as f32);
        let pairs = parameter.iter_mut().zip(gradient);
        let Some(buffer) = buffers.first_mut() else {
            pairs.for_each(|(p, g)| *p -= (g * scale + *p * decay) * rate);
            return;
        };
        // The buffer starts at zero, so the first update needs no case of its own.
        for ((p, g), b) in pairs.zip(buffer.iter_mut()) {
            let g = g * scale + *p * decay;
            *b = *b * momentum + g;
            let direction = if self.nesterov { g + *b * momentum } else { *b };
            *p -= direction * rate;
        }
    }

    fn update_tensors(
        &self,
        update: Update,
        parameter: &Tensor,
        gradient: &Tensor,
        buffers: &mut [Tensor],
    ) -> Result<Tensor> {
        let gradient = ((gradient * update.gradient_scale)? + (parameter * update.weight_decay)?)?;
        let direction = match buffers.first_mut() {
            None => gradient,
            Some(buffer) => {
                *buffer = ((&*buffer * self.momentum)? + &gradient)?;
                if self.nesterov {
                    (gradient + (&*buffer * self.momentum)?)?
                } else {
                    buffer.clone()
                }
            }
        };
        parameter - (direction * update.learning_rate)?
    }
}
