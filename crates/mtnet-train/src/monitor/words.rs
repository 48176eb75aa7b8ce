//! Findings on gradients and updates in words: what was seen, where, and what to do.

use super::alarms::About;
use super::gradients::GradientFinding;
use super::rules::Monitor;
use super::weights::RatioFinding;
use crate::events::AlarmKind;

impl Monitor {
    pub(super) fn tell_gradient(&mut self, step: u64, finding: GradientFinding) {
        match finding {
            GradientFinding::Exploding { norm, usual } => {
                let message = format!(
                    "the gradient has a norm of {norm:.3e}, and had {usual:.3e} before (median of \
                     the last steps); look for outliers among targets and texts of this step, \
                     clip it (`train.max_grad_norm`), or lower the learning rate"
                );
                self.raise(
                    step,
                    AlarmKind::ExplodingGradient,
                    About::default(),
                    message,
                );
            }
            GradientFinding::ClippedHard { share } => {
                let message = format!(
                    "clipping took nine tenths of the gradient away in {:.0} % of the last 200 \
                     steps; the losses are of another scale than `train.max_grad_norm` expects: \
                     raise it, or weigh the losses down",
                    100.0 * share
                );
                self.raise(
                    step,
                    AlarmKind::ExplodingGradient,
                    About::place("clipping"),
                    message,
                );
            }
            GradientFinding::Vanishing {
                layer,
                size,
                lively: (other, of_other),
            } => {
                let message = format!(
                    "the gradient has vanished in `{layer}`: {size:.1e} a number (root mean \
                     square), {of_other:.1e} in `{other}`; look at initial weights and norms above \
                     `{layer}`, use fewer layers, or `encoder.residual_scaled_init = true`"
                );
                self.raise(
                    step,
                    AlarmKind::VanishingGradient,
                    About::place(&layer),
                    message,
                );
            }
            GradientFinding::Dead { tensor, share } => {
                let message = format!(
                    "{:.0} % of the units of `{tensor}` have a gradient of exactly 0: they are \
                     dead, or the attention that they feed is saturated; lower the learning rate, \
                     start from smaller weights, or use `gelu`",
                    100.0 * share
                );
                self.raise(step, AlarmKind::DeadUnits, About::place(&tensor), message);
            }
        }
    }

    pub(super) fn tell_ratio(&mut self, step: u64, finding: &RatioFinding) {
        let RatioFinding {
            tensor,
            ratio,
            others,
            too_large,
        } = finding;
        let others = match others {
            0 => String::new(),
            more => format!(", and {more} other tensors like it"),
        };
        let (place, message) = if *too_large {
            let message = format!(
                "an update moves `{tensor}` by {ratio:.1e} of its size{others}; about 1e-3 is \
                 usual: lower the learning rate, or look at initial weights"
            );
            ("large", message)
        } else {
            let message = format!(
                "updates move `{tensor}` by {ratio:.1e} of its size at the peak of the learning \
                 rate{others}; about 1e-3 is usual: raise the learning rate, or look at initial \
                 weights"
            );
            ("small", message)
        };
        let about = About {
            task: None,
            place: Some(tensor.clone()),
        };
        self.raise_as(step, AlarmKind::UpdateRatio, place, about, message);
    }
}
